package client

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/wire"
)

// answerPings reads frames until the stream ends, and answers each Ping.
func (p *remote) answerPings() {
	for {
		frame, err := p.Next()
		if err != nil {
			break
		}
		if frame.Opcode == wire.Ping {
			p.sendControl(wire.Pong, string(frame.Payload))
		}
	}
	p.Close()
}

func TestKeepAlivePings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		s, p := newPipeSession(Options{PingInterval: time.Second, PingTimeout: time.Minute, CloseTimeout: time.Second}, r)
		go p.answerPings()
		go func() {
			time.Sleep(3500 * time.Millisecond)
			s.CloseNow(1000, "")
		}()
		if err := s.Run(); err != nil {
			t.Errorf("run: %v", err)
		}
		got := strings.Join(r.all(), "\n")
		if strings.Count(got, "> ping wsx-") != 3 || strings.Count(got, "< pong wsx-") != 3 || strings.Contains(got, "after") {
			t.Errorf("wanted three pings, their pongs, and no round trips; got\n%s", got)
		}
		if trips := s.Stats().RoundTrips; trips.Count != 3 {
			t.Errorf("round trips: %+v", trips)
		}
	})
}

func TestNoPong(t *testing.T) {
	for _, c := range []struct {
		name              string
		interval, timeout time.Duration
		reads, uploads    bool
		after             time.Duration
	}{
		{name: "silent server", interval: 10 * time.Second, timeout: 3 * time.Second, reads: true, after: 13 * time.Second},
		{name: "limit over interval", interval: time.Second, timeout: 5 * time.Second, reads: true, after: 6 * time.Second},
		{name: "dead during an upload", interval: 10 * time.Second, timeout: 3 * time.Second, uploads: true, after: 13 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newPipeSession(Options{PingInterval: c.interval, PingTimeout: c.timeout}, &recorder{})
				defer p.Close()
				if c.reads {
					go p.receiveAll()
				}
				if c.uploads {
					go s.SendData(Binary, make([]byte, 1<<20))
				}
				begin := time.Now()
				err := s.Run()
				lost, ok := err.(*LostError)
				if !ok || lost.why() != "no pong in "+c.timeout.String() {
					t.Errorf("run: %v", err)
				}
				if took := time.Since(begin); took != c.after {
					t.Errorf("lost after %v, wanted %v", took, c.after)
				}
			})
		})
	}
}

// TestPingTimeoutNotReached: the ping timeout does not end the connection to a server that sends or reads, nor while our handler is
// slow.
func TestPingTimeoutNotReached(t *testing.T) {
	const span = 10 * time.Minute
	o := Options{PingInterval: 2 * time.Second, PingTimeout: 3 * time.Second, CloseTimeout: time.Millisecond}
	staysOpen := func(t *testing.T, r *recorder, act func(s *Session, p *remote)) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			s, p := newPipeSession(o, r)
			result := make(chan error, 1)
			go func() { result <- s.Run() }()
			begin := time.Now()
			act(s, p)
			if took := time.Since(begin); took < span {
				t.Errorf("the test took only %v", took)
			}
			s.CloseNow(1000, "")
			if err := <-result; err != nil && !errors.Is(err, errUnwritten) {
				t.Errorf("run: %v", err)
			}
			p.Close()
		})
	}
	t.Run("data flows in", func(t *testing.T) {
		staysOpen(t, &recorder{}, func(s *Session, p *remote) {
			go p.receiveAll()
			for range span / time.Second {
				time.Sleep(time.Second)
				p.send("news")
			}
		})
	})
	t.Run("data flows out", func(t *testing.T) {
		staysOpen(t, &recorder{}, func(s *Session, p *remote) {
			go s.SendData(Binary, make([]byte, 64<<20))
			buffer := make([]byte, 10<<10)
			for range span / time.Second {
				time.Sleep(time.Second)
				p.stream.Read(buffer)
			}
		})
	})
	t.Run("our handler is slow", func(t *testing.T) {
		slow := &recorder{onEvent: func(e Event) error {
			if e.Kind == KindMessage {
				time.Sleep(span)
			}
			return nil
		}}
		staysOpen(t, slow, func(s *Session, p *remote) {
			go p.answerPings()
			time.Sleep(time.Minute)
			go p.send("hello")
			time.Sleep(span + time.Minute)
		})
	})
	t.Run("no limit", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, p := newPipeSession(Options{PingInterval: time.Second, CloseTimeout: time.Millisecond}, &recorder{})
			go func() {
				time.Sleep(span)
				s.CloseNow(1000, "")
			}()
			go p.receiveAll()
			if err := s.Run(); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	})
}
