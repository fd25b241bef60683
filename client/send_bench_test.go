package client

import (
	"io"
	"testing"

	"wsx/client/dial"
)

// discardStream discards what is written, and blocks Read until it is closed.
type discardStream struct{ closed chan struct{} }

func (v discardStream) Read([]byte) (int, error)    { <-v.closed; return 0, io.EOF }
func (v discardStream) Write(p []byte) (int, error) { return len(p), nil }
func (v discardStream) Close() error                { close(v.closed); return nil }

func BenchmarkSend(b *testing.B) {
	for _, c := range []struct {
		name string
		o    Options
	}{{"plain", Options{}}, {"reconnect", Options{Reconnect: true}}} {
		b.Run(c.name, func(b *testing.B) {
			dialed := &dial.Conn{Stream: discardStream{make(chan struct{})}, Handshake: &dial.Handshake{}}
			s := newSession(dialed, nil, c.o, &recorder{})
			defer s.conn.Load().closeAndWait()
			line := []byte("sixteen bytes ok")
			for i := range b.N {
				s.Send(Message{Type: Text, Data: line, Number: i + 1})
				if i%probeMessages == 0 {
					s.retransmit.confirm(s.conn.Load(), s.retransmit.writtenCount())
				}
			}
		})
	}
}
