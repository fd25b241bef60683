package server

import "testing"

// TestBroadcastAfterHandshake: a client receives all messages that others send after its opening handshake was accepted.
func TestBroadcastAfterHandshake(t *testing.T) {
	s := serve(t, Options{Behaviour: "broadcast"})
	broadcast, published := s.behave, make(chan struct{})
	s.behave = func() func(*peer) error {
		serve := broadcast()
		return func(p *peer) error {
			if p.name == "late" {
				<-published
			}
			return serve(p)
		}
	}
	ann, bob := dial(t, s.URL(), nil), dial(t, s.URL(), nil)
	ann.send("before")
	bob.expect("before")
	late := dial(t, s.URL()+"?name=late", nil)
	ann.send("after")
	bob.expect("after")
	close(published)
	late.expect("after")
}
