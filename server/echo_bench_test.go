package server

import (
	"bytes"
	"io"
	"net"
	"testing"
)

// BenchmarkEcho sends 16-byte messages as fast as possible and reads the echoes concurrently. The client's
// share of the time is small, as its frames are encoded before.
func BenchmarkEcho(b *testing.B) {
	s := serve(b, Options{})
	raw := openRaw(b, s)
	const batch = 2000
	frame := append([]byte{0x82, 0x80 | 16, 0, 0, 0, 0}, "0123456789abcdef"...) // masked with zeros
	frames := bytes.Repeat(frame, batch)
	b.ResetTimer()
	go func() {
		for remaining := b.N; remaining > 0; remaining -= batch {
			raw.Write(frames[:min(remaining, batch)*len(frame)])
		}
	}()
	if _, err := io.CopyN(io.Discard, raw, int64(b.N*18)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// openRaw performs an opening handshake on a TCP connection, and returns the connection.
func openRaw(t testing.TB, s *Server) net.Conn {
	t.Helper()
	return openRawAt(t, s.Addr().String())
}

func openRawAt(t testing.TB, addr string) net.Conn {
	t.Helper()
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	io.WriteString(raw, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	head := make([]byte, 0, 512)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) { // reads no byte after the header
		head = append(head, 0)
		if _, err := raw.Read(head[len(head)-1:]); err != nil {
			t.Fatalf("upgrade: %v after %q", err, head)
		}
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		t.Fatalf("upgrade: %q", head)
	}
	return raw
}

// BenchmarkEchoLarge sends messages of 1 MiB, one after the other.
func BenchmarkEchoLarge(b *testing.B) {
	raw := openRaw(b, serve(b, Options{}))
	const size = 1 << 20
	frame := append([]byte{0x82, 0x80 | 127, 0, 0, 0, 0, 0, size >> 16, 0, 0, 0, 0, 0, 0}, make([]byte, size)...) // masked with zeros
	b.SetBytes(size)
	for b.Loop() {
		raw.Write(frame)
		if _, err := io.CopyN(io.Discard, raw, size+10); err != nil {
			b.Fatal(err)
		}
	}
}
