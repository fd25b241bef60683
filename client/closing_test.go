package client

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/wire"
	"wsx/server/servertest"
)

func TestServerCloses(t *testing.T) {
	faulty := servertest.Start(t)
	for _, c := range []struct {
		path   string
		events []string
		code   int
		failed bool
	}{
		{"/close?code=1000&reason=bye", []string{"< close 1000 bye", "> close 1000"}, 1000, false},
		{"/close?code=1001", []string{"< close 1001", "> close 1001"}, 1001, false},
		{"/close?code=0", []string{"< close 1005", "> close 1005"}, 1005, false},
		{"/close?code=1011&reason=oops", []string{"< close 1011 oops", "> close 1011"}, 1011, true},
		{"/close?code=4000", []string{"< close 4000", "> close 4000"}, 4000, true},
		{"/eager?n=2", []string{"< text eager 1", "< text eager 2", "< close 1000", "> close 1000"}, 1000, false},
	} {
		r := &recorder{}
		s := dialSession(t, faulty.URL(c.path), Options{}, r)
		err := runSession(t, s)
		if is[*CloseError](err) != c.failed || !c.failed && err != nil {
			t.Errorf("%s: run: %v", c.path, err)
		}
		if got := r.all(); !slices.Equal(got[1:], c.events) {
			t.Errorf("%s: received %q", c.path, got)
		}
		if code := s.Summary().Code; code != c.code {
			t.Errorf("%s: summary has code %d", c.path, code)
		}
	}
}

// TestMessagesAfterOurClose: what the server sends after our Close is still reported.
func TestMessagesAfterOurClose(t *testing.T) {
	faulty := servertest.Start(t)
	r := &recorder{}
	s := dialSession(t, faulty.URL("/lateclose?n=2"), Options{}, r)
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	s.Close(1000, "")
	if err := await(t, result); err != nil {
		t.Errorf("run: %v", err)
	}
	r.wantEvents(t, "opened", "> close 1000", "< text last word 1", "< text last word 2", "< close 1000")
}

// TestCloseUnanswered: the connection of a server that never sends Close is closed after CloseTimeout, and Run returns nil.
func TestCloseUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := newPipeSession(Options{CloseTimeout: 3 * time.Second}, &recorder{})
		go p.receiveAll()
		begin := time.Now()
		go s.Close(1000, "")
		if err := s.Run(); err != nil {
			t.Errorf("run: %v", err)
		}
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("waited %v", took)
		}
		if code := s.Summary().Code; code != NoClose {
			t.Errorf("summary has code %d", code)
		}
	})
	faulty := servertest.Start(t)
	for _, path := range []string{"/noclose", "/silent", "/noread"} {
		s := dialSession(t, faulty.URL(path), Options{CloseTimeout: time.Millisecond}, &recorder{})
		s.CloseNow(1000, "")
		if err := runSession(t, s); err != nil {
			t.Errorf("%s: run: %v", path, err)
		}
	}
}

func TestLosses(t *testing.T) {
	faulty := servertest.Start(t)
	for path, why := range map[string]string{
		"drop":      "the stream ended without a Close frame",
		"reset":     "reset by the server",
		"halfframe": "the stream ended in the middle of a message",
	} {
		t.Run(path, func(t *testing.T) {
			url := faulty.URL("/" + path)
			s := dialSession(t, url, Options{}, &recorder{})
			err := runSession(t, s)
			if lost, ok := err.(*LostError); !ok || lost.URL != url || lost.why() != why {
				t.Errorf("run: %v", err)
			}
		})
	}
}

// TestExpectEnd: after a message that makes the server end the session, its Close and the end of the stream are no failures.
func TestExpectEnd(t *testing.T) {
	endings := map[string]func(*remote){
		"the end of the stream": func(*remote) {},
		"Close 1000":            func(p *remote) { p.sendControl(wire.Close, "\x03\xe8") },
		"Close 4000":            func(p *remote) { p.sendControl(wire.Close, "\x0f\xa0") },
	}
	for name, end := range endings {
		for _, reconnect := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s, p := newPipeSession(Options{Reconnect: reconnect}, &recorder{})
				go func() {
					defer p.Close()
					for op, payload, ok := p.nextMessage(); ok && string(payload) != "disconnect"; op, payload, ok = p.nextMessage() {
						if op == wire.Ping {
							p.sendControl(wire.Pong, string(payload))
						}
					}
					end(p)
				}()
				result := make(chan error, 1)
				go func() { result <- s.Run() }()
				s.SendData(Text, []byte("one"))
				s.ExpectEnd()
				s.Reply(Text, []byte("disconnect"), true, true)
				s.Flush()
				if err := <-result; err != nil {
					t.Errorf("%s, reconnect %v: run: %v", name, reconnect, err)
				}
				s.Close(1000, "")
			})
		}
	}
}

// TestExpectEndWithUnwritten: what could not be written before is reported although the server was expected to end the session.
func TestExpectEndWithUnwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := newPipeSession(Options{}, &recorder{})
		go func() {
			p.Next() // the beginning of the message
			p.Close()
		}()
		result := make(chan error, 1)
		go func() { result <- s.Run() }()
		s.SendData(Text, make([]byte, 1<<20))
		s.ExpectEnd()
		if err := <-result; !is[*LostError](err) {
			t.Errorf("run: %v", err)
		}
	})
}

func TestProtocolErrors(t *testing.T) {
	faulty := servertest.Start(t)
	for path, code := range map[string]int{
		"/masked": 1002, "/rsv": 1002, "/opcode": 1002, "/utf8": 1007, "/utf8split": 1007, "/utf8long": 1007, "/negative": 1002,
		"/longping": 1002, "/fragmentedping": 1002, "/orphan": 1002, "/interrupted": 1002, "/badclose": 1002,
		"/shortclose": 1002, "/baddeflate": 1007, "/bigheader": 1009, "/neverending": 1009, "/bomb": 1009,
	} {
		r := &recorder{}
		s := dialSession(t, faulty.URL(path), Options{MaxMessage: 1 << 20}, r)
		err := runSession(t, s)
		violation, ok := err.(*ProtocolError)
		if !ok || violation.Code != code {
			t.Errorf("%s: run: %v, wanted %d", path, err, code)
			continue
		}
		got := r.all()
		if last := got[len(got)-1]; last != describe(Event{Kind: KindClose, Dir: Out, Code: code, Payload: []byte(violation.Reason)}) {
			t.Errorf("%s: the last event is %q", path, last)
		}
	}
}

// TestInvalidTextIsReportedWhole: a frame that is not UTF-8 is read to its end before our Close is sent, for a limited time.
func TestInvalidTextIsReportedWhole(t *testing.T) {
	faulty := servertest.Start(t)
	for _, test := range []struct {
		path               string
		minBytes, maxBytes int // bounds of what is reported
	}{
		{"/utf8?", 4, 4},
		{"/utf8split?", 1, 1},
		{"/utf8long?bytes=300000", 300_000, 300_000},
		{"/utf8half?bytes=300000", 3, 150_000},
	} {
		var text []byte
		var last, closed bool
		s := dialSession(t, faulty.URL(test.path), Options{}, &recorder{onEvent: func(e Event) error {
			switch {
			case e.Kind == KindInvalid && last:
				t.Errorf("%s: something follows the last fragment", test.path)
			case e.Kind == KindInvalid:
				text, last = append(text, e.Payload...), e.Last
			case e.Kind == KindClose:
				closed = true
			}
			return nil
		}})
		if err := runSession(t, s); err == nil || !last || !closed || len(text) < test.minBytes || len(text) > test.maxBytes {
			t.Errorf("%s: run: %v; %d bytes, the last: %v, our Close: %v", test.path, err, len(text), last, closed)
		}
	}
}

// TestCloseWithBlockedHandler: the Close frame is sent although the handler blocks, so that it cannot be reported.
func TestCloseWithBlockedHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		output := make(chan struct{}) // blocks until it is closed
		blocked := func(e Event) error {
			if e.Kind != KindOpen {
				<-output
			}
			return nil
		}
		s, p := newPipeSession(Options{}, &recorder{onEvent: blocked})
		result := make(chan error, 1)
		go func() { result <- s.Run() }()
		p.send("hello")
		synctest.Wait()
		begin := time.Now()
		go s.CloseNow(1001, "interrupted")
		if got := p.receive(); got != "close 1001 interrupted" {
			t.Errorf("the server received %q", got)
		}
		if took := time.Since(begin); took > handlerTimeout {
			t.Errorf("it took %v", took)
		}
		close(output)
		p.sendControl(wire.Close, "")
		p.Close()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// TestCloseReportedBeforeSent: a handler that is only slow gets the event of our Close before the server receives it.
func TestCloseReportedBeforeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reported := time.Time{}
		slow := func(e Event) error {
			if e.Kind == KindClose && e.Dir == Out {
				time.Sleep(handlerTimeout / 2)
				reported = time.Now()
			}
			return nil
		}
		s, p := newPipeSession(Options{}, &recorder{onEvent: slow})
		go s.CloseNow(1000, "")
		go s.Run()
		p.receive()
		if reported.IsZero() {
			t.Error("the Close was sent first")
		}
		p.Close()
		synctest.Wait()
	})
}

// TestCloseWhileServerSends: a server that ignores our Close and keeps sending is dropped after 15 s, or after
// Options.CloseTimeout if that is given, and Run returns nil.
func TestCloseWhileServerSends(t *testing.T) {
	for timeout, wanted := range map[time.Duration]time.Duration{0: 15 * time.Second, 5 * time.Second: 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s, p := newPipeSession(Options{CloseTimeout: timeout}, &recorder{})
			go p.receiveAll()
			ended := make(chan struct{})
			go func() {
				for {
					select {
					case <-ended:
						return
					case <-time.After(time.Second):
						p.send("more")
					}
				}
			}()
			begin := time.Now()
			go s.Close(1000, "")
			if err := s.Run(); err != nil {
				t.Errorf("run: %v", err)
			}
			if took := time.Since(begin); took != wanted {
				t.Errorf("it took %v, want %v", took, wanted)
			}
			close(ended)
			p.Close()
		})
	}
}

// TestCloseWhileReaderIsSlow: time that the handler takes does not count against the server's closing handshake.
func TestCloseWhileReaderIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		messages := 0
		slow := func(e Event) error {
			if e.Kind == KindMessage {
				messages++
				time.Sleep(time.Minute)
			}
			return nil
		}
		s, p := newPipeSession(Options{}, &recorder{onEvent: slow})
		go p.receiveAll()
		go s.Close(1000, "")
		go func() {
			for range 3 {
				p.send("late")
			}
			p.sendControl(wire.Close, "")
			p.Flush()
		}()
		if err := s.Run(); err != nil {
			t.Errorf("run: %v", err)
		}
		if messages != 3 {
			t.Errorf("%d messages received", messages)
		}
		p.Close()
	})
}

// TestSentBeforeClose: no message is reported as sent after our Close was reported.
func TestSentBeforeClose(t *testing.T) {
	s, p := newPipeSession(Options{ReportSent: true}, &recorder{})
	go p.answerClose()
	result := startRun(s)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.CloseNow(1000, "")
	}()
	for s.SendData(Text, []byte("one more")) == nil {
	}
	<-closed
	if err := await(t, result); err != nil {
		t.Errorf("run: %v", err)
	}
	events := s.reporter.handler.(*recorder).all()
	if last := slices.Index(events, "> close 1000"); last < 0 || slices.Contains(events[last:], "> text one more") {
		t.Errorf("reported: %q", events[max(0, last):])
	}
	if reported := int64(len(events)); s.Summary().Sent != reported-3 { // less the open and the two close events
		t.Errorf("%d were sent, and %d reported", s.Summary().Sent, reported-3)
	}
}

// TestCloseDuringStalledUpload: a server that does not read does not delay the end, and unwritten data is an error.
func TestCloseDuringStalledUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := newPipeSession(Options{CloseTimeout: time.Second}, &recorder{})
		defer p.Close()
		sent := make(chan error, 1)
		go func() { sent <- s.SendData(Binary, make([]byte, 1<<20)) }()
		synctest.Wait()
		begin := time.Now()
		go s.CloseNow(1000, "")
		if err := s.Run(); !errors.Is(err, errUnwritten) {
			t.Errorf("run: %v", err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("it took %v", took)
		}
		if err := <-sent; err != ErrClosed {
			t.Errorf("send: %v", err)
		}
	})
}

// TestCloseAfterServerClose: a Close that is called after the server's Close does not prolong the wait for a server that does not drop
// the stream.
func TestCloseAfterServerClose(t *testing.T) {
	for name, again := range map[string]func(*Session){
		"Close":    func(s *Session) { s.Close(1000, "") },
		"CloseNow": func(s *Session) { s.CloseNow(1000, "") },
		"Abort":    func(s *Session) { s.Abort(1000, "") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newPipeSession(Options{}, &recorder{})
				go p.receiveAll()
				go p.sendControl(wire.Close, "\x03\xe8")
				begin := time.Now()
				result := make(chan error, 1)
				go func() { result <- s.Run() }()
				time.Sleep(dropTimeout / 2)
				go again(s)
				select {
				case err := <-result:
					if took := time.Since(begin); err != nil || took != dropTimeout {
						t.Errorf("run: %v after %v", err, took)
					}
				case <-time.After(time.Minute):
					t.Error("the session has not ended")
					p.Close()
					<-result
				}
				p.Close()
			})
		})
	}
}

// TestCloseAfterTheEnd: a Close that is called after the end of the session starts no timer.
func TestCloseAfterTheEnd(t *testing.T) {
	for name, again := range map[string]func(*Session){
		"Close":    func(s *Session) { s.Close(1000, "") },
		"CloseNow": func(s *Session) { s.CloseNow(1000, "") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newPipeSession(Options{}, &recorder{})
				p.Close()
				if err := s.Run(); !is[*LostError](err) {
					t.Errorf("run: %v", err)
				}
				again(s)
				if s.closing.timer != nil && s.closing.timer.Stop() {
					t.Error("a timer runs after the end")
				}
			})
		})
	}
}
