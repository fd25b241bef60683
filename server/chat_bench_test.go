package server

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// BenchmarkChat: one of 1,000 members sends 16 bytes b.N times; it ends when all have received the last message.
func BenchmarkChat(b *testing.B) {
	const members = 1000
	s := serve(b, Options{Behaviour: "chat"})
	conns := make([]net.Conn, members)
	for i := range conns {
		conns[i] = openRaw(b, s)
		conns[i].Read(make([]byte, 1)) // the first byte of the welcome: now it is a member
	}
	frame := "\x81\x90\x00\x00\x00\x00" + strings.Repeat("x", 16)
	var receiving sync.WaitGroup
	for _, c := range conns {
		receiving.Go(func() { readEnd(b, c) })
	}
	b.ResetTimer()
	for range b.N {
		io.WriteString(conns[0], frame)
	}
	io.WriteString(conns[0], "\x81\x81\x00\x00\x00\x00.")
	receiving.Wait()
	b.ReportMetric(float64(b.N*members)/b.Elapsed().Seconds(), "received/s")
}

// readEnd reads until the message "." was received.
func readEnd(b *testing.B, c net.Conn) {
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
