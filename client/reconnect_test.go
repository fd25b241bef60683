package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// host is a server in memory that can be dialed again and again.
type host struct {
	mu    sync.Mutex // guards the fields below
	fails []error    // what the next dials fail with; nil = they do not
	dials []time.Time
	peers chan *remote // of dials that did not fail
}

func newHost(fails ...error) *host { return &host{fails: fails, peers: make(chan *remote, 16)} }

func (h *host) dial(context.Context) (*dial.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dials = append(h.dials, time.Now())
	if len(h.fails) > 0 {
		err := h.fails[0]
		if h.fails = h.fails[1:]; err != nil {
			return nil, err
		}
	}
	ours, theirs := net.Pipe()
	h.peers <- &remote{wire.NewConn(theirs, wire.Options{Server: true}), theirs}
	return &dial.Conn{Stream: ours, Handshake: &dial.Handshake{URL: "ws://example.com/"}}, nil
}

// session is one with this host; its first connection is open. There is no jitter.
func (h *host) session(o Options, l Handler) (*Session, *remote) {
	o.Reconnect = true
	up, _ := h.dial(context.Background())
	s := newSession(up, h.dial, o, l)
	s.retries.jitter = func() float64 { return 0 }
	return s, <-h.peers
}

// refusal is a dial that a server refused.
func refusal(status int, wait time.Duration) error {
	return &dial.Error{Kind: dial.HandshakeFailed, Step: dial.UpgradeStep, What: "upgrade", Why: fmt.Sprint(status),
		Refusal: &dial.Refusal{Status: status, RetryAfter: wait}}
}

var errRefused = &dial.Error{Kind: dial.ConnectFailed, Step: dial.TCPStep, What: "connect", Why: "connection refused"}

// running is a session whose Run has been called.
func running(s *Session) <-chan error {
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	return result
}

// gaps are the times between dials, in seconds.
func (h *host) gaps() (all []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := 1; i < len(h.dials); i++ {
		all = append(all, h.dials[i].Sub(h.dials[i-1]).Seconds())
	}
	return all
}

func TestPausesBetweenTries(t *testing.T) {
	retries := retries{longest: 30 * time.Second, jitter: func() float64 { return 0.999999 }}
	for i, wanted := range []time.Duration{375, 750, 1500, 3000, 6000, 12000, 22500, 22500} {
		if try := retries.next(io.EOF); try.After != wanted*time.Millisecond || try.Attempt != i+1 || try.Err != io.EOF {
			t.Errorf("try %d: %+v", i+1, try)
		}
	}
	retries.made = 1 << 20
	if try := retries.next(errRefused); try.After != 22500*time.Millisecond {
		t.Errorf("try 1048577: %+v", try)
	}
	if try := retries.next(refusal(503, time.Hour)); try.After != time.Hour {
		t.Errorf("a server that asks for an hour: %+v", try)
	}
	if longest := (Options{}).reconnectMax(); longest != 30*time.Second {
		t.Errorf("the longest pause is %v", longest)
	}
}

func TestHopeless(t *testing.T) {
	for _, c := range []struct {
		err      error
		hopeless bool
	}{
		{errRefused, false},
		{refusal(401, 0), true}, {refusal(403, 0), true}, {refusal(404, 0), true}, {refusal(407, 0), true},
		{refusal(400, 0), false}, {refusal(429, 0), false}, {refusal(500, 0), false}, {refusal(503, 0), false},
		{fmt.Errorf("wrapped: %w", refusal(403, 0)), true},
		{&dial.UsageError{Message: "x"}, true},
		{errors.New("ask for the password: nobody is there"), true},
	} {
		if got := hopeless(c.err); got != c.hopeless {
			t.Errorf("%v: hopeless is %v", c.err, got)
		}
	}
}

// TestOpensAgain: pauses double, each try is told, and grow no further once the session is healthy again.
func TestOpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		h := newHost(nil, errRefused, refusal(503, 10*time.Second), errRefused)
		s, p := h.session(Options{CloseTimeout: time.Second}, w)
		result := running(s)
		p.Close()
		p = <-h.peers
		synctest.Wait()
		time.Sleep(healthy - 1)
		p.Close() // too early
		p = <-h.peers
		synctest.Wait()
		time.Sleep(healthy)
		p.Close()
		p = <-h.peers
		go p.answersClose()
		synctest.Wait()
		s.Close(1000, "")
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
		if gaps := h.gaps(); !slices.Equal(gaps, []float64{0.5, 1, 10, 4, 60 - 1e-9 + 8, 60.5}) {
			t.Errorf("dialed after %v", gaps)
		}
		w.wants(t, "opened",
			"retry 1 in 500ms", "retry 2 in 1s", "retry 3 in 10s", "retry 4 in 4s", "opened",
			"retry 5 in 8s", "opened",
			"retry 1 in 500ms", "opened", "> close 1000", "< close 1000")
		if stats := s.Stats(); stats.Connections != 4 {
			t.Errorf("stats: %+v", stats)
		}
	})
}

func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := refusal(401, 0)
		h := newHost(nil, errRefused, last)
		s, p := h.session(Options{}, &recorder{})
		p.Close()
		if err := s.Run(); err != last {
			t.Errorf("run: %v", err)
		}
		if err := s.SendData(Text, nil); err != ErrClosed {
			t.Errorf("send after the end: %v", err)
		}
	})
}

// TestDoesNotOpenAgain: only a loss is a reason to.
func TestDoesNotOpenAgain(t *testing.T) {
	for name, end := range map[string]func(*Session, *remote){
		"their goodbye": func(s *Session, p *remote) { p.controls(wire.Close, "\x03\xf3"); p.hearsAll() },
		"our goodbye":   func(s *Session, p *remote) { go s.CloseNow(1000, ""); p.answersClose() },
		"lost after it": func(s *Session, p *remote) { go s.CloseNow(1000, ""); p.hears(); p.Close() },
		"bad frame":     func(s *Session, p *remote) { go p.hearsAll(); p.stream.Write([]byte{0x83, 0}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost()
				s, p := h.session(Options{}, &recorder{})
				defer p.Close()
				result := running(s)
				end(s, p)
				err := <-result
				if is[*LostError](err) || len(h.dials) != 1 {
					t.Errorf("run: %v, after %d dials", err, len(h.dials))
				}
			})
		})
	}
}

func TestRetryNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(nil, refusal(503, time.Hour))
		s, p := h.session(Options{}, &recorder{})
		s.RetryNow() // there is nothing to retry
		result := running(s)
		p.Close()
		synctest.Wait()
		s.RetryNow()
		time.Sleep(time.Minute)
		synctest.Wait()
		s.RetryNow()
		p = <-h.peers
		if gaps := h.gaps(); !slices.Equal(gaps, []float64{0, 60}) {
			t.Errorf("dialed after %v", gaps)
		}
		go p.answersClose()
		s.CloseNow(1000, "")
		<-result
	})
}

// TestGoodbyeBetweenConnections: there is nobody to say it to, and nothing to wait for.
func TestGoodbyeBetweenConnections(t *testing.T) {
	for name, leave := range map[string]func(*Session){
		"close": func(s *Session) { s.Close(1000, "") },
		"leave": func(s *Session) { s.CloseNow(1000, "") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &recorder{}
				h := newHost()
				s, p := h.session(Options{}, w)
				result := running(s)
				p.Close()
				synctest.Wait()
				begin := time.Now()
				leave(s)
				if err := <-result; err != nil {
					t.Errorf("run: %v", err)
				}
				if took := time.Since(begin); took != 0 {
					t.Errorf("it took %v", took)
				}
				w.wants(t, "opened", "retry 1 in 500ms")
			})
		})
	}
}

func TestListenerFailsBetweenConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		s, p := h.session(Options{}, &recorder{onEvent: func(e Event) error {
			if e.Kind == KindRetry {
				return errListener
			}
			return nil
		}})
		p.Close()
		if err := s.Run(); err != errListener {
			t.Errorf("run: %v", err)
		}
	})
}

// heardLines are the messages that a peer hears until the end, without their type.
func (p *remote) heardLines(n int) (all []string) {
	for len(all) < n {
		op, payload, ok := p.whole()
		if !ok {
			return all
		}
		if op == Text {
			all = append(all, string(payload))
		}
	}
	return all
}

// TestKeepsWhatIsSaidMeanwhile: it is said in order when there is a connection, after what is said again each time.
func TestKeepsWhatIsSaidMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		h := newHost()
		s, p := h.session(Options{ReportSent: true}, w)
		result := running(s)
		go p.answersPings()
		say := func(line int, text string) {
			t.Helper()
			if err := s.Send(Message{Type: Text, Data: []byte(text), Line: line, Repeat: line == 0}); err != nil {
				t.Errorf("say %s: %v", text, err)
			}
		}
		say(0, "login")
		say(1, "one")
		s.Flush()
		synctest.Wait() // for the Pong
		p.Close()
		synctest.Wait()
		say(2, "two")
		s.Ping([]byte("hey"))
		say(3, "three")
		s.Flush()
		p = <-h.peers
		for _, wanted := range []string{"text login", "text two", "ping hey", "text three"} {
			if heard := p.hears(); heard != wanted {
				t.Errorf("the server heard %q, wanted %q", heard, wanted)
			}
		}
		p.controls(wire.Close, "")
		go p.hearsAll()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
		heard := slices.DeleteFunc(w.all(), func(e string) bool { return strings.Contains(e, "wsx-") })
		wanted := []string{"opened", "> text login", "> text one", "retry 1 in 500ms", "> text two", "> ping hey", "> text three",
			"opened", "> text login", "< close 1005", "> close 1005"}
		if !slices.Equal(heard, wanted) {
			t.Errorf("heard  %q\nwanted %q", heard, wanted)
		}
	})
}

// TestDoubt: of what was written, that which is not known to have arrived is named, and said again only with Resend.
func TestDoubt(t *testing.T) {
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprint("resend ", resend), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &recorder{}
				h := newHost()
				s, p := h.session(Options{Resend: resend, CloseTimeout: time.Second}, w)
				result := running(s)
				say := func(first, last int) {
					for line := first; line <= last; line++ {
						s.Send(Message{Type: Text, Data: fmt.Append(nil, line), Line: line})
					}
				}
				say(1, 3)
				go s.Flush()
				p.heardLines(3)
				if ping, _ := p.Next(); ping.Opcode != wire.Ping {
					t.Errorf("no proof is asked for: %v", ping)
				} else {
					p.controls(wire.Pong, string(ping.Payload))
				}
				say(4, 6)
				s.SendData(Text, []byte("a"))
				s.SendData(Text, []byte("b"))
				say(8, 8)
				go s.Flush()
				p.heardLines(6)
				synctest.Wait()
				say(9, 10) // not flushed
				synctest.Wait()
				p.Close()
				p = <-h.peers
				wanted := []string{"9", "10"}
				if resend {
					wanted = []string{"4", "5", "6", "a", "b", "8", "9", "10"}
				}
				if heard := p.heardLines(len(wanted)); !slices.Equal(heard, wanted) {
					t.Errorf("the server heard %q, wanted %q", heard, wanted)
				}
				p.Close()
				synctest.Wait()
				s.CloseNow(1000, "")
				<-result
				var doubts []string
				for _, e := range w.all() {
					if strings.HasPrefix(e, "doubt") {
						doubts = append(doubts, e)
					}
				}
				named := []string{"doubt 4-6 (3)", "doubt 0-0 (2)", "doubt 8-8 (1)", "doubt 9-10 (2)"}
				if resend { // they are in doubt only when nobody says them again
					named[2], named = "doubt 8-10 (3)", named[:3]
				}
				if !slices.Equal(doubts, named) {
					t.Errorf("heard %q, wanted %q", doubts, named)
				}
			})
		})
	}
}

// TestHalfWritten: a message that was cut by the loss is said again, and is not in doubt.
func TestHalfWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		h := newHost()
		s, p := h.session(Options{}, w)
		result := running(s)
		s.Send(Message{Type: Text, Data: []byte("one"), Line: 1})
		s.Send(Message{Type: Text, Data: []byte("two"), Line: 2})
		go s.Flush()
		io.ReadFull(p.stream, make([]byte, 2+4+3+2+4+2)) // all but a byte of the second
		p.Close()
		p = <-h.peers
		if heard := p.heardLines(1); !slices.Equal(heard, []string{"two"}) {
			t.Errorf("the server heard %q", heard)
		}
		w.wants(t, "opened", w.all()[1], "doubt 1-1 (1)", "retry 1 in 500ms", "opened", w.all()[5])
		p.controls(wire.Close, "")
		go p.hearsAll()
		<-result
	})
}

// TestDoubtOfParts: a message said in parts is not kept. The loss of an answer matters to nobody.
func TestDoubtOfParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		h := newHost()
		s, p := h.session(Options{}, w)
		result := running(s)
		go p.hearsAll()
		s.Reply(Text, []byte("answer"), true, true)
		s.SendFragment(Text, []byte("a"), true, false)
		s.Flush()
		synctest.Wait()
		p.Close()
		synctest.Wait()
		s.SendFragment(Text, []byte("b"), false, false)
		p = <-h.peers
		synctest.Wait()
		s.SendFragment(Text, []byte("c"), false, true)
		s.SendFragment(Text, []byte("whole"), true, false)
		s.SendFragment(Text, []byte("some"), false, true)
		go s.Flush()
		if heard := p.heardLines(1); !slices.Equal(heard, []string{"wholesome"}) {
			t.Errorf("the server heard %q", heard)
		}
		p.controls(wire.Close, "")
		go p.hearsAll()
		<-result
		if heard := w.all(); !slices.Contains(heard, "doubt 0-0 (1)") {
			t.Errorf("heard %q", heard)
		}
	})
}

// TestFullOutbox: who talks waits, while there is no connection and while nothing is known to arrive.
func TestFullOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		s, p := h.session(Options{}, &recorder{})
		result := running(s)
		p.Close()
		synctest.Wait()
		said := make(chan int, 1)
		const lines = 3 * maxQueued
		go func() {
			for i := range lines {
				s.Send(Message{Type: Text, Data: fmt.Append(nil, i+1), Line: i + 1})
			}
			s.Flush()
			said <- lines
		}()
		p = <-h.peers
		synctest.Wait()
		if kept := len(s.retransmit.queue); kept != maxQueued {
			t.Errorf("%d messages are kept", kept)
		}
		for i := 0; i < lines; {
			op, payload, _ := p.whole()
			switch op {
			case wire.Ping:
				p.controls(wire.Pong, string(payload))
			case Text:
				if i++; string(payload) != fmt.Sprint(i) {
					t.Fatalf("message %d is %q", i, payload)
				}
			default:
				t.Fatalf("after message %d: %v", i, op)
			}
		}
		if got := <-said; got != lines {
			t.Errorf("said %d", got)
		}
		go p.answersClose()
		s.CloseNow(1000, "")
		<-result
	})
}

// TestLargeMessages: one alone may be larger than what is kept, and the next one does not wait for who never flushes.
func TestLargeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		s, p := h.session(Options{CloseTimeout: time.Millisecond}, &recorder{})
		result := running(s)
		go p.answersPings()
		begin := time.Now()
		for range 3 {
			s.SendData(Binary, make([]byte, maxQueuedBytes+1000))
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("it took %v", took)
		}
		s.CloseNow(1000, "")
		<-result
		p.Close()
	})
}

// TestMuteServer: one that answers no Ping can be talked to; all that it was told is in doubt after a loss.
func TestMuteServer(t *testing.T) {
	for _, resend := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := &recorder{}
			h := newHost()
			s, p := h.session(Options{Resend: resend}, w)
			result := running(s)
			go p.hearsAll()
			const lines = 3 * maxQueued
			begin := time.Now()
			for i := range lines {
				s.Send(Message{Type: Text, Data: fmt.Append(nil, i+1), Line: i + 1})
			}
			s.Flush()
			if took := time.Since(begin); took != pongTimeout {
				t.Errorf("resend %v: it took %v", resend, took)
			}
			p.Close()
			synctest.Wait()
			s.CloseNow(1000, "")
			<-result
			total := 0
			for _, e := range w.all() {
				var first, last, count int
				if n, _ := fmt.Sscanf(e, "doubt %d-%d (%d)", &first, &last, &count); n == 3 {
					if first != total+1 || count != last-first+1 {
						t.Errorf("resend %v: %s after line %d", resend, e, total)
					}
					total = last
				}
			}
			if total != lines {
				t.Errorf("resend %v: doubt up to line %d, wanted %d: %q", resend, total, lines, w.all())
			}
		})
	}
}

// TestCloseWaitsForProof: Close is said when all is known to have arrived, over as many connections as that takes.
func TestCloseWaitsForProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		h := newHost()
		s, p := h.session(Options{Resend: true}, w)
		result := running(s)
		s.Send(Message{Type: Text, Data: []byte("one"), Line: 1})
		go s.Close(1000, "bye")
		p.heardLines(1)
		p.Close()
		p = <-h.peers
		heard := p.heardLines(1)
		ping, _ := p.Next()
		heard = append(heard, ping.Opcode.String())
		time.Sleep(time.Second)
		p.controls(wire.Pong, string(ping.Payload))
		heard = append(heard, p.hears())
		if !slices.Equal(heard, []string{"one", "ping", "close 1000 bye"}) {
			t.Errorf("the server heard %q", heard)
		}
		p.controls(wire.Close, "")
		p.Close()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
		for _, e := range w.all() {
			if strings.HasPrefix(e, "doubt") {
				t.Errorf("heard %q", e)
			}
		}
	})
}

// TestCloseWithoutProof: it does not wait for ever, and says what is in doubt unless the server answers the Close.
func TestCloseWithoutProof(t *testing.T) {
	for answers, wanted := range map[bool][]string{
		false: {"opened", "> close 1000", "doubt 1-1 (1)"},
		true:  {"opened", "> close 1000", "< close 1000"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &recorder{}
			h := newHost()
			s, p := h.session(Options{CloseTimeout: 3 * time.Second}, w)
			result := running(s)
			if answers {
				go p.answersClose()
			} else {
				go p.hearsAll()
			}
			s.Send(Message{Type: Text, Data: []byte("one"), Line: 1})
			begin := time.Now()
			s.Close(1000, "")
			if took := time.Since(begin); took != 3*time.Second {
				t.Errorf("it took %v", took)
			}
			if err := <-result; is[*UnconfirmedError](err) == answers || answers && err != nil {
				t.Errorf("run: %v", err)
			}
			p.Close()
			heard := slices.DeleteFunc(w.all(), func(e string) bool { return strings.Contains(e, "wsx-") })
			if !slices.Equal(heard, wanted) {
				t.Errorf("heard %q, wanted %q", heard, wanted)
			}
		})
	}
}

// TestSilenceBetweenConnections: who is not there is not silent.
func TestSilenceBetweenConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(nil, refusal(503, time.Minute))
		s, p := h.session(Options{}, &recorder{})
		result := running(s)
		time.Sleep(time.Hour)
		p.WriteFragment(Text, []byte("half"), true, false)
		p.Flush()
		p.Close()
		time.Sleep(time.Second)
		if silence := s.Silence(); silence != 0 {
			t.Errorf("silent for %v without a connection", silence)
		}
		p = <-h.peers
		time.Sleep(time.Second)
		if silence := s.Silence(); silence != time.Second {
			t.Errorf("silent for %v with the next", silence)
		}
		go p.answersClose()
		s.CloseNow(1000, "")
		<-result
	})
}
