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

// memoryServer is a server in memory that can be dialed repeatedly.
type memoryServer struct {
	mu         sync.Mutex   // guards the fields below
	dialErrors []error      // errors of the next dials; nil = success
	dials      []time.Time  // when each dial began
	peers      chan *remote // server ends of the successful dials
}

func newMemoryServer(dialErrors ...error) *memoryServer {
	return &memoryServer{dialErrors: dialErrors, peers: make(chan *remote, 16)}
}

func (h *memoryServer) dial(context.Context) (*dial.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dials = append(h.dials, time.Now())
	if len(h.dialErrors) > 0 {
		err := h.dialErrors[0]
		if h.dialErrors = h.dialErrors[1:]; err != nil {
			return nil, err
		}
	}
	clientEnd, serverEnd := net.Pipe()
	h.peers <- &remote{wire.NewConn(serverEnd, wire.Options{Server: true}), serverEnd}
	return &dial.Conn{Stream: clientEnd, Handshake: &dial.Handshake{URL: "ws://example.com/"}}, nil
}

// session returns a session with this server and its first connection. Its retries have no jitter.
func (h *memoryServer) session(o Options, handler Handler) (*Session, *remote) {
	o.Reconnect = true
	dialed, _ := h.dial(context.Background())
	s := newSession(dialed, h.dial, o, handler)
	s.receiver.retries.jitter = func() float64 { return 0 }
	return s, <-h.peers
}

// refusal returns the error of a dial that a server refused with an HTTP status.
func refusal(status int, wait time.Duration) error {
	return &dial.Error{Kind: dial.HandshakeFailed, Step: dial.UpgradeStep, What: "upgrade", Why: fmt.Sprint(status),
		Refusal: &dial.Refusal{Status: status, RetryAfter: wait}}
}

var errRefused = &dial.Error{Kind: dial.ConnectFailed, Step: dial.TCPStep, What: "connect", Why: "connection refused"}

// startRun calls Run in a goroutine, and returns its result.
func startRun(s *Session) <-chan error {
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	return result
}

// gaps returns the times between dials, in seconds.
func (h *memoryServer) gaps() (all []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := 1; i < len(h.dials); i++ {
		all = append(all, h.dials[i].Sub(h.dials[i-1]).Seconds())
	}
	return all
}

func TestReconnectDelays(t *testing.T) {
	retries := retries{longest: 30 * time.Second, jitter: func() float64 { return 0.999999 }}
	for i, wanted := range []time.Duration{375, 750, 1500, 3000, 6000, 12000, 22500, 22500} {
		if attempt := retries.next(io.EOF); attempt.After != wanted*time.Millisecond || attempt.Attempt != i+1 || attempt.Err != io.EOF {
			t.Errorf("attempt %d: %+v", i+1, attempt)
		}
	}
	retries.attempts = 1 << 20
	if attempt := retries.next(errRefused); attempt.After != 22500*time.Millisecond {
		t.Errorf("attempt 1048577: %+v", attempt)
	}
	if attempt := retries.next(refusal(503, time.Hour)); attempt.After != time.Hour {
		t.Errorf("a server with Retry-After of an hour: %+v", attempt)
	}
	if pause := (Options{}).reconnectMax(); pause != 30*time.Second {
		t.Errorf("the longest pause is %v", pause)
	}
}

func TestPermanentErrors(t *testing.T) {
	for _, c := range []struct {
		err       error
		permanent bool
	}{
		{errRefused, false},
		{refusal(401, 0), true}, {refusal(403, 0), true}, {refusal(404, 0), true}, {refusal(407, 0), true},
		{refusal(400, 0), false}, {refusal(429, 0), false}, {refusal(500, 0), false}, {refusal(503, 0), false},
		{fmt.Errorf("wrapped: %w", refusal(403, 0)), true},
		{&dial.UsageError{Message: "x"}, true},
		{errors.New("ask for the password: no terminal"), true},
	} {
		if got := isPermanent(c.err); got != c.permanent {
			t.Errorf("%v: permanent is %v", c.err, got)
		}
	}
}

// TestReconnect: delays double, each attempt is reported, and delays begin again once a connection was healthy.
func TestReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		h := newMemoryServer(nil, errRefused, refusal(503, 10*time.Second), errRefused)
		s, p := h.session(Options{CloseTimeout: time.Second}, r)
		result := startRun(s)
		p.Close()
		p = <-h.peers
		synctest.Wait()
		time.Sleep(stableAfter - 1)
		p.Close() // too early
		p = <-h.peers
		synctest.Wait()
		time.Sleep(stableAfter)
		p.Close()
		p = <-h.peers
		go p.answerClose()
		synctest.Wait()
		s.Close(1000, "")
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
		if gaps := h.gaps(); !slices.Equal(gaps, []float64{0.5, 1, 10, 4, 60 - 1e-9 + 8, 60.5}) {
			t.Errorf("dialed after %v", gaps)
		}
		r.wantEvents(t, "opened",
			"retry 1 in 500ms", "retry 2 in 1s", "retry 3 in 10s", "retry 4 in 4s", "opened",
			"retry 5 in 8s", "opened",
			"retry 1 in 500ms", "opened", "> close 1000", "< close 1000")
		if stats := s.Stats(); stats.Connections != 4 {
			t.Errorf("stats: %+v", stats)
		}
	})
}

func TestReconnectGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := refusal(401, 0)
		h := newMemoryServer(nil, errRefused, last)
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

// TestNoReconnect: only a loss makes a session reconnect.
func TestNoReconnect(t *testing.T) {
	for name, end := range map[string]func(*Session, *remote){
		"server closes":    func(s *Session, p *remote) { p.sendControl(wire.Close, "\x03\xf3"); p.receiveAll() },
		"client closes":    func(s *Session, p *remote) { go s.CloseNow(1000, ""); p.answerClose() },
		"lost after Close": func(s *Session, p *remote) { go s.CloseNow(1000, ""); p.receive(); p.Close() },
		"bad frame":        func(s *Session, p *remote) { go p.receiveAll(); p.stream.Write([]byte{0x83, 0}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newMemoryServer()
				s, p := h.session(Options{}, &recorder{})
				defer p.Close()
				result := startRun(s)
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
		h := newMemoryServer(nil, refusal(503, time.Hour))
		s, p := h.session(Options{}, &recorder{})
		s.RetryNow() // there is nothing to retry
		result := startRun(s)
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
		go p.answerClose()
		s.CloseNow(1000, "")
		<-result
	})
}

// TestCloseBetweenConnections: without a connection a Close is neither sent nor waited for.
func TestCloseBetweenConnections(t *testing.T) {
	for name, end := range map[string]func(*Session){
		"close":     func(s *Session) { s.Close(1000, "") },
		"close now": func(s *Session) { s.CloseNow(1000, "") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{}
				h := newMemoryServer()
				s, p := h.session(Options{}, r)
				result := startRun(s)
				p.Close()
				synctest.Wait()
				begin := time.Now()
				end(s)
				if err := <-result; err != nil {
					t.Errorf("run: %v", err)
				}
				if took := time.Since(begin); took != 0 {
					t.Errorf("it took %v", took)
				}
				r.wantEvents(t, "opened", "retry 1 in 500ms")
			})
		})
	}
}

func TestHandlerFailsBetweenConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		s, p := h.session(Options{}, &recorder{onEvent: func(e Event) error {
			if e.Kind == KindRetry {
				return errHandler
			}
			return nil
		}})
		p.Close()
		if err := s.Run(); err != errHandler {
			t.Errorf("run: %v", err)
		}
	})
}

// receiveLines returns the payloads of the next n text messages, or of fewer if the stream ends.
func (p *remote) receiveLines(n int) (all []string) {
	for len(all) < n {
		op, payload, ok := p.nextMessage()
		if !ok {
			return all
		}
		if op == Text {
			all = append(all, string(payload))
		}
	}
	return all
}

// TestSendBetweenConnections: messages sent without a connection are written in order on the next one, after those with Repeat.
func TestSendBetweenConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		h := newMemoryServer()
		s, p := h.session(Options{ReportSent: true}, r)
		result := startRun(s)
		go p.answerPings()
		send := func(line int, text string) {
			t.Helper()
			if err := s.Send(Message{Type: Text, Data: []byte(text), Number: line, Repeat: line == 0}); err != nil {
				t.Errorf("send %s: %v", text, err)
			}
		}
		send(0, "login")
		send(1, "one")
		s.Flush()
		synctest.Wait() // for the Pong
		p.Close()
		synctest.Wait()
		send(2, "two")
		s.Ping([]byte("hey"))
		send(3, "three")
		s.Flush()
		p = <-h.peers
		for _, wanted := range []string{"text login", "text two", "ping hey", "text three"} {
			if got := p.receive(); got != wanted {
				t.Errorf("the server received %q, wanted %q", got, wanted)
			}
		}
		p.sendControl(wire.Close, "")
		go p.receiveAll()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
		got := slices.DeleteFunc(r.all(), func(e string) bool { return strings.Contains(e, "wsx-") })
		wanted := []string{"opened", "> text login", "> text one", "retry 1 in 500ms", "> text two", "> ping hey", "> text three",
			"opened", "> text login", "< close 1005", "> close 1005"}
		if !slices.Equal(got, wanted) {
			t.Errorf("got    %q\nwanted %q", got, wanted)
		}
	})
}

// TestUnconfirmed: written lines that may not have arrived are reported, and sent again only with Resend.
func TestUnconfirmed(t *testing.T) {
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprint("resend ", resend), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{}
				h := newMemoryServer()
				s, p := h.session(Options{Resend: resend, CloseTimeout: time.Second}, r)
				result := startRun(s)
				send := func(first, last int) {
					for line := first; line <= last; line++ {
						s.Send(Message{Type: Text, Data: fmt.Append(nil, line), Number: line})
					}
				}
				send(1, 3)
				go s.Flush()
				p.receiveLines(3)
				if ping, _ := p.Next(); ping.Opcode != wire.Ping {
					t.Errorf("no probe was sent: %v", ping)
				} else {
					p.sendControl(wire.Pong, string(ping.Payload))
				}
				send(4, 6)
				s.SendData(Text, []byte("a"))
				s.SendData(Text, []byte("b"))
				send(8, 8)
				go s.Flush()
				p.receiveLines(6)
				synctest.Wait()
				send(9, 10) // not flushed
				synctest.Wait()
				p.Close()
				p = <-h.peers
				wanted := []string{"9", "10"}
				if resend {
					wanted = []string{"4", "5", "6", "a", "b", "8", "9", "10"}
				}
				if got := p.receiveLines(len(wanted)); !slices.Equal(got, wanted) {
					t.Errorf("the server received %q, wanted %q", got, wanted)
				}
				p.Close()
				synctest.Wait()
				s.CloseNow(1000, "")
				<-result
				var unconfirmed []string
				for _, e := range r.all() {
					if strings.HasPrefix(e, "unconfirmed") {
						unconfirmed = append(unconfirmed, e)
					}
				}
				wantReported := []string{"unconfirmed 4-6 (3)", "unconfirmed 0-0 (2)", "unconfirmed 8-8 (1)", "unconfirmed 9-10 (2)"}
				if resend { // lines are reported only when they will not be sent again
					wantReported[2], wantReported = "unconfirmed 8-10 (3)", wantReported[:3]
				}
				if !slices.Equal(unconfirmed, wantReported) {
					t.Errorf("received %q, wanted %q", unconfirmed, wantReported)
				}
			})
		})
	}
}

// TestHalfWritten: a message that was written in part is sent again, and is not unconfirmed.
func TestHalfWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		h := newMemoryServer()
		s, p := h.session(Options{}, r)
		result := startRun(s)
		s.Send(Message{Type: Text, Data: []byte("one"), Number: 1})
		s.Send(Message{Type: Text, Data: []byte("two"), Number: 2})
		go s.Flush()
		io.ReadFull(p.stream, make([]byte, 2+4+3+2+4+2)) // all but a byte of the second
		p.Close()
		p = <-h.peers
		if got := p.receiveLines(1); !slices.Equal(got, []string{"two"}) {
			t.Errorf("the server received %q", got)
		}
		r.wantEvents(t, "opened", r.all()[1], "unconfirmed 1-1 (1)", "retry 1 in 500ms", "opened", r.all()[5])
		p.sendControl(wire.Close, "")
		go p.receiveAll()
		<-result
	})
}

// TestUnconfirmedFragments: a fragmented message is not kept but reported as unconfirmed. A lost reply is not reported.
func TestUnconfirmedFragments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		h := newMemoryServer()
		s, p := h.session(Options{}, r)
		result := startRun(s)
		go p.receiveAll()
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
		if got := p.receiveLines(1); !slices.Equal(got, []string{"wholesome"}) {
			t.Errorf("the server received %q", got)
		}
		p.sendControl(wire.Close, "")
		go p.receiveAll()
		<-result
		if got := r.all(); !slices.Contains(got, "unconfirmed 0-0 (1)") {
			t.Errorf("received %q", got)
		}
	})
}

// TestReplyToLostConnection: a reply to a connection that is lost is not sent on the next one.
func TestReplyToLostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		r, replied := &recorder{}, make(chan struct{})
		s, p := h.session(Options{}, r)
		r.onEvent = func(e Event) error {
			if e.Kind == KindRetry {
				go func() {
					s.Reply(Text, []byte("stale"), true, true)
					close(replied)
				}()
			}
			return nil
		}
		result := startRun(s)
		p.Close()
		synctest.Wait()
		select {
		case <-replied:
		default:
			t.Error("the reply waits for the next connection")
		}
		p = <-h.peers
		synctest.Wait()
		s.SendData(Text, []byte("new"))
		go s.Flush()
		if got := p.receiveLines(1); !slices.Equal(got, []string{"new"}) {
			t.Errorf("the next connection received %q", got)
		}
		p.sendControl(wire.Close, "")
		go p.receiveAll()
		<-result
	})
}

// TestFragmentsOfLostMessage: the fragments of a message that follow the loss of its connection do not get into another message, of
// another sender or of a reply.
func TestFragmentsOfLostMessage(t *testing.T) {
	for _, replies := range []bool{false, true} {
		t.Run(fmt.Sprint("reply ", replies), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newMemoryServer()
				s, p := h.session(Options{}, &recorder{})
				result := startRun(s)
				s.SendFragment(Text, []byte("a"), true, false)
				p.Close()
				p = <-h.peers
				synctest.Wait() // until the session uses the new connection
				begun, proceed := make(chan struct{}), make(chan struct{})
				go func() {
					send := s.SendFragment
					if replies {
						send = s.Reply
					}
					send(Text, []byte("whole"), true, false)
					close(begun)
					<-proceed
					send(Text, []byte("some"), false, true)
					s.Flush()
				}()
				synctest.Wait() // until it has begun, or waits
				s.SendFragment(Text, []byte("b"), false, true)
				<-begun
				close(proceed)
				if got := p.receiveLines(1); !slices.Equal(got, []string{"wholesome"}) {
					t.Errorf("the server received %q", got)
				}
				p.sendControl(wire.Close, "")
				go p.receiveAll()
				<-result
			})
		})
	}
}

// TestReplyAfterFailedWrite: a reply to a message that is handled after a write has failed is dropped. If it waited for the next
// connection, the receiver could not open that.
func TestReplyAfterFailedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		failed := make(chan struct{})
		r := &recorder{}
		s, p := h.session(Options{}, r)
		r.onEvent = func(e Event) error {
			if e.Kind == KindMessage {
				<-failed
				s.Reply(Text, []byte("answer"), true, true)
			}
			return nil
		}
		result := startRun(s)
		p.send("question")
		p.Close()
		s.Send(Message{Type: Text, Data: []byte("one")})
		s.Flush() // fails
		s.Send(Message{Type: Text, Data: []byte("two")})
		close(failed)
		p = <-h.peers
		if got := p.receiveLines(2); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the server received %q", got)
		}
		p.sendControl(wire.Close, "")
		go p.receiveAll()
		<-result
	})
}

// TestPingInAMessage: a Ping between the fragments of a message does not wait for room in the queue. The receiver, which would make
// room, may wait for the last fragment.
func TestPingInAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		r := &recorder{}
		s, p := h.session(Options{}, r)
		r.onEvent = func(e Event) error {
			if e.Kind == KindMessage {
				s.Reply(Text, []byte("answer"), true, true)
			}
			return nil
		}
		result := startRun(s)
		received := make(chan string, 1)
		go func() {
			answers := 0
			for op, payload, ok := p.nextMessage(); ok; op, payload, ok = p.nextMessage() {
				switch {
				case op == wire.Ping && answers == 0: // it does answer Pings
					answers++
					p.sendControl(wire.Pong, string(payload))
				case string(payload) == "answer":
					received <- "answer"
				case op == wire.Close:
					p.sendControl(wire.Close, "")
				}
			}
		}()
		for range maxQueued {
			s.SendData(Text, nil)
		}
		s.Flush()
		synctest.Wait()
		for range probeMessages { // which the first Pong has confirmed
			s.SendData(Text, nil)
		}
		s.SendFragment(Text, []byte("in two"), true, false)
		p.send("question")
		synctest.Wait() // the answer waits for the last fragment
		s.Ping(nil)
		s.SendFragment(Text, []byte("parts"), false, true)
		synctest.Wait()
		s.Flush()
		if got := <-received; got != "answer" {
			t.Errorf("received %q", got)
		}
		s.CloseNow(1000, "")
		<-result
		p.Close()
	})
}

// TestJoinUnconfirmed: a range includes every number that it stands for, in whatever order they were sent; it begins with 0 if the
// first message had no number.
func TestJoinUnconfirmed(t *testing.T) {
	for _, c := range []struct {
		numbers []int
		want    Unconfirmed
	}{
		{[]int{1, 2, 3}, Unconfirmed{1, 3, 3}},
		{[]int{5, 2, 9}, Unconfirmed{2, 9, 3}},
		{[]int{0, 0}, Unconfirmed{0, 0, 2}},
		{[]int{0, 7}, Unconfirmed{0, 7, 2}},
		{[]int{7, 0, 6}, Unconfirmed{6, 7, 3}},
	} {
		var u unconfirmed
		for _, number := range c.numbers {
			u.join(number)
		}
		if !slices.Equal(u, unconfirmed{c.want}) {
			t.Errorf("%v: %+v, want %+v", c.numbers, u, c.want)
		}
	}
}

// TestCloseSendsInitial: Close waits for a connection if only messages with Repeat are to be sent on it.
func TestCloseSendsInitial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		s, p := h.session(Options{}, &recorder{})
		result := startRun(s)
		p.Close()
		synctest.Wait()
		s.Send(Message{Type: Text, Data: []byte("login"), Repeat: true})
		go s.Close(1000, "")
		p = <-h.peers
		if got := p.receiveLines(1); !slices.Equal(got, []string{"login"}) {
			t.Errorf("the server received %q", got)
		}
		go p.answerPings()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// TestUnconfirmedInitial: a message with Repeat that has arrived on no connection is unconfirmed at the end.
func TestUnconfirmedInitial(t *testing.T) {
	for _, confirmed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := &recorder{}
			h := newMemoryServer(nil, refusal(401, 0))
			s, p := h.session(Options{}, r)
			result := startRun(s)
			s.Send(Message{Type: Text, Data: []byte("login"), Number: 1, Repeat: true})
			if confirmed {
				go p.answerPings()
			} else {
				go p.receiveAll()
			}
			s.Flush()
			synctest.Wait()
			p.Close()
			<-result
			if reported := slices.Contains(r.all(), "unconfirmed 1-1 (1)"); reported == confirmed {
				t.Errorf("confirmed %v: received %q", confirmed, r.all())
			}
		})
	}
}

// TestUnsent: messages that wait for a connection when the session ends are reported.
func TestUnsent(t *testing.T) {
	for name, end := range map[string]func(*Session){
		"refused": func(*Session) {},
		"closed":  func(s *Session) { s.CloseNow(1000, "") },
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &recorder{}
			h := newMemoryServer(nil, refusal(401, 0))
			s, p := h.session(Options{}, r)
			result := startRun(s)
			p.Close()
			synctest.Wait() // it reconnects after a delay
			s.Send(Message{Type: Text, Data: []byte("three"), Number: 3})
			s.Send(Message{Type: Text, Data: []byte("four"), Number: 4})
			end(s)
			<-result
			if !slices.Contains(r.all(), "unconfirmed 3-4 (2)") {
				t.Errorf("%s: reported %q", name, r.all())
			}
		})
	}
}

// TestFullRetransmitQueue: Send waits while the queue is full, without a connection and without confirmation.
func TestFullRetransmitQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		s, p := h.session(Options{}, &recorder{})
		result := startRun(s)
		p.Close()
		synctest.Wait()
		sent := make(chan int, 1)
		const lines = 3 * maxQueued
		go func() {
			for i := range lines {
				s.Send(Message{Type: Text, Data: fmt.Append(nil, i+1), Number: i + 1})
			}
			s.Flush()
			sent <- lines
		}()
		p = <-h.peers
		synctest.Wait()
		if queued := len(s.retransmit.queue); queued != maxQueued {
			t.Errorf("%d messages are queued", queued)
		}
		for i := 0; i < lines; {
			op, payload, _ := p.nextMessage()
			switch op {
			case wire.Ping:
				p.sendControl(wire.Pong, string(payload))
			case Text:
				if i++; string(payload) != fmt.Sprint(i) {
					t.Fatalf("message %d is %q", i, payload)
				}
			default:
				t.Fatalf("after message %d: %v", i, op)
			}
		}
		if got := <-sent; got != lines {
			t.Errorf("sent %d", got)
		}
		go p.answerClose()
		s.CloseNow(1000, "")
		<-result
	})
}

// TestLargeMessages: a message may be larger than the queue, and the next one flushes instead of waiting for ever.
func TestLargeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer()
		s, p := h.session(Options{CloseTimeout: time.Millisecond}, &recorder{})
		result := startRun(s)
		go p.answerPings()
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

// TestServerWithoutPongs: a server that answers no Ping can be used; after a loss all that was sent to it is unconfirmed.
func TestServerWithoutPongs(t *testing.T) {
	for _, resend := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := &recorder{}
			h := newMemoryServer()
			s, p := h.session(Options{Resend: resend}, r)
			result := startRun(s)
			go p.receiveAll()
			const lines = 3 * maxQueued
			begin := time.Now()
			for i := range lines {
				s.Send(Message{Type: Text, Data: fmt.Append(nil, i+1), Number: i + 1})
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
			for _, e := range r.all() {
				var first, last, count int
				if n, _ := fmt.Sscanf(e, "unconfirmed %d-%d (%d)", &first, &last, &count); n == 3 {
					if first != total+1 || count != last-first+1 {
						t.Errorf("resend %v: %s after line %d", resend, e, total)
					}
					total = last
				}
			}
			if total != lines {
				t.Errorf("resend %v: unconfirmed up to line %d, wanted %d: %q", resend, total, lines, r.all())
			}
		})
	}
}

// TestCloseWaitsForConfirmation: Close is sent once every message is confirmed, on whichever connection that happens.
func TestCloseWaitsForConfirmation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		h := newMemoryServer()
		s, p := h.session(Options{Resend: true}, r)
		result := startRun(s)
		s.Send(Message{Type: Text, Data: []byte("one"), Number: 1})
		go s.Close(1000, "bye")
		p.receiveLines(1)
		p.Close()
		p = <-h.peers
		got := p.receiveLines(1)
		ping, _ := p.Next()
		got = append(got, ping.Opcode.String())
		time.Sleep(time.Second)
		p.sendControl(wire.Pong, string(ping.Payload))
		got = append(got, p.receive())
		if !slices.Equal(got, []string{"one", "ping", "close 1000 bye"}) {
			t.Errorf("the server received %q", got)
		}
		p.sendControl(wire.Close, "")
		p.Close()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
		for _, e := range r.all() {
			if strings.HasPrefix(e, "unconfirmed") {
				t.Errorf("received %q", e)
			}
		}
	})
}

// TestCloseWithoutConfirmation: Close waits for CloseTimeout only, and unconfirmed lines are reported unless the server answers it.
func TestCloseWithoutConfirmation(t *testing.T) {
	for answers, wanted := range map[bool][]string{
		false: {"opened", "> close 1000", "unconfirmed 1-1 (1)"},
		true:  {"opened", "> close 1000", "< close 1000"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &recorder{}
			h := newMemoryServer()
			s, p := h.session(Options{CloseTimeout: 3 * time.Second}, r)
			result := startRun(s)
			if answers {
				go p.answerClose()
			} else {
				go p.receiveAll()
			}
			s.Send(Message{Type: Text, Data: []byte("one"), Number: 1})
			begin := time.Now()
			s.Close(1000, "")
			if took := time.Since(begin); took != 3*time.Second {
				t.Errorf("it took %v", took)
			}
			if err := <-result; is[*UnconfirmedError](err) == answers || answers && err != nil {
				t.Errorf("run: %v", err)
			}
			p.Close()
			got := slices.DeleteFunc(r.all(), func(e string) bool { return strings.Contains(e, "wsx-") })
			if !slices.Equal(got, wanted) {
				t.Errorf("received %q, wanted %q", got, wanted)
			}
		})
	}
}

// TestSilenceBetweenConnections: time without a connection is not silence.
func TestSilenceBetweenConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryServer(nil, refusal(503, time.Minute))
		s, p := h.session(Options{}, &recorder{})
		result := startRun(s)
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
			t.Errorf("silent for %v with the next connection", silence)
		}
		go p.answerClose()
		s.CloseNow(1000, "")
		<-result
	})
}
