package server

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// BenchmarkChat has one of 1,000 guests say 16 bytes b.N times; it ends when the slowest has heard the last.
func BenchmarkChat(b *testing.B) {
	const guests = 1000
	s := serve(b, Options{Behaviour: "chat"})
	conns := make([]net.Conn, guests)
	for i := range conns {
		conns[i] = upgrade(b, s)
	}
	said := "\x81\x90\x00\x00\x00\x00" + strings.Repeat("x", 16)
	var hearing sync.WaitGroup
	for _, c := range conns {
		hearing.Go(func() { hearEnd(b, c) })
	}
	b.ResetTimer()
	for range b.N {
		io.WriteString(conns[0], said)
	}
	io.WriteString(conns[0], "\x81\x81\x00\x00\x00\x00.")
	hearing.Wait()
	b.ReportMetric(float64(b.N*guests)/b.Elapsed().Seconds(), "heard/s")
}

// hearEnd reads until someone says a full stop; no other line ends so.
func hearEnd(b *testing.B, c net.Conn) {
	r := bufio.NewReader(c)
	for {
		p, err := r.ReadSlice('.')
		if err != nil && err != bufio.ErrBufferFull {
			b.Error(err)
			return
		}
		if strings.HasSuffix(string(p), " says: .") {
			return
		}
	}
}
