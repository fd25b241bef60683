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

func TestServerSaysGoodbye(t *testing.T) {
	bad := servertest.Start(t)
	for _, c := range []struct {
		path   string
		events []string
		code   int
		bad    bool
	}{
		{"/close?code=1000&reason=bye", []string{"< close 1000 bye", "> close 1000"}, 1000, false},
		{"/close?code=1001", []string{"< close 1001", "> close 1001"}, 1001, false},
		{"/close?code=0", []string{"< close 1005", "> close 1005"}, 1005, false},
		{"/close?code=1011&reason=oops", []string{"< close 1011 oops", "> close 1011"}, 1011, true},
		{"/close?code=4000", []string{"< close 4000", "> close 4000"}, 4000, true},
		{"/eager?n=2", []string{"< text eager 1", "< text eager 2", "< close 1000", "> close 1000"}, 1000, false},
	} {
		w := &recorder{}
		s := dialed(t, bad.URL(c.path), Options{}, w)
		err := ended(t, s)
		if is[*CloseError](err) != c.bad || !c.bad && err != nil {
			t.Errorf("%s: run: %v", c.path, err)
		}
		if heard := w.all(); !slices.Equal(heard[1:], c.events) {
			t.Errorf("%s: heard %q", c.path, heard)
		}
		if code := s.Summary().Code; code != c.code {
			t.Errorf("%s: summary has code %d", c.path, code)
		}
	}
}

// TestLateWords: what the server still says after our Close is heard.
func TestLateWords(t *testing.T) {
	bad := servertest.Start(t)
	w := &recorder{}
	s := dialed(t, bad.URL("/lateclose?n=2"), Options{}, w)
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	s.Close(1000, "")
	if err := soon(t, result); err != nil {
		t.Errorf("run: %v", err)
	}
	w.wants(t, "opened", "> close 1000", "< text last word 1", "< text last word 2", "< close 1000")
}

// TestGoodbyeUnanswered: a server that never says Close is left after CloseTimeout, and that is no loss.
func TestGoodbyeUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := paired(Options{CloseTimeout: 3 * time.Second}, &recorder{})
		go p.hearsAll()
		begin := time.Now()
		go s.Close(1000, "")
		if err := s.Run(); err != nil {
			t.Errorf("run: %v", err)
		}
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("waited %v", took)
		}
		if code := s.Summary().Code; code != noClose {
			t.Errorf("summary has code %d", code)
		}
	})
	bad := servertest.Start(t)
	for _, path := range []string{"/noclose", "/silent", "/noread"} {
		s := dialed(t, bad.URL(path), Options{CloseTimeout: time.Millisecond}, &recorder{})
		s.CloseNow(1000, "")
		if err := ended(t, s); err != nil {
			t.Errorf("%s: run: %v", path, err)
		}
	}
}

func TestLosses(t *testing.T) {
	bad := servertest.Start(t)
	for behaviour, why := range map[string]string{
		"drop":      "the stream ended without a Close frame",
		"reset":     "reset by the server",
		"halfframe": "the stream ended in the middle of a message",
	} {
		t.Run(behaviour, func(t *testing.T) {
			url := bad.URL("/" + behaviour)
			s := dialed(t, url, Options{}, &recorder{})
			err := ended(t, s)
			if lost, ok := err.(*LostError); !ok || lost.URL != url || lost.why() != why {
				t.Errorf("run: %v", err)
			}
		})
	}
}

func TestProtocolErrors(t *testing.T) {
	bad := servertest.Start(t)
	for path, code := range map[string]int{
		"/masked": 1002, "/rsv": 1002, "/opcode": 1002, "/utf8": 1007, "/utf8split": 1007, "/negative": 1002,
		"/longping": 1002, "/fragmentedping": 1002, "/orphan": 1002, "/interrupted": 1002, "/badclose": 1002,
		"/shortclose": 1002, "/baddeflate": 1007, "/bigheader": 1009, "/neverending": 1009, "/bomb": 1009,
	} {
		w := &recorder{}
		s := dialed(t, bad.URL(path), Options{MaxMessage: 1 << 20}, w)
		err := ended(t, s)
		wrong, ok := err.(*ProtocolError)
		if !ok || wrong.Code != code {
			t.Errorf("%s: run: %v, wanted %d", path, err, code)
			continue
		}
		heard := w.all()
		if last := heard[len(heard)-1]; last != describe(Event{Kind: KindClose, Dir: Out, Code: code, Payload: []byte(wrong.Reason)}) {
			t.Errorf("%s: the last event is %q", path, last)
		}
	}
}

// TestGoodbyeOfStuckListener: the Close frame goes out although nobody can be told of it.
func TestGoodbyeOfStuckListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		output := make(chan struct{}) // that takes nothing until it is closed
		stuck := func(e Event) error {
			if e.Kind != KindOpen {
				<-output
			}
			return nil
		}
		s, p := paired(Options{}, &recorder{onEvent: stuck})
		result := make(chan error, 1)
		go func() { result <- s.Run() }()
		p.says("hello")
		synctest.Wait()
		begin := time.Now()
		go s.CloseNow(1001, "interrupted")
		if heard := p.hears(); heard != "close 1001 interrupted" {
			t.Errorf("the server heard %q", heard)
		}
		if took := time.Since(begin); took > handlerTimeout {
			t.Errorf("it took %v", took)
		}
		close(output)
		p.controls(wire.Close, "")
		p.Close()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// TestGoodbyeIsToldFirst: a listener that is only slow hears of our Close before the server does.
func TestGoodbyeIsToldFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := time.Time{}
		slow := func(e Event) error {
			if e.Kind == KindClose && e.Dir == Out {
				time.Sleep(handlerTimeout / 2)
				heard = time.Now()
			}
			return nil
		}
		s, p := paired(Options{}, &recorder{onEvent: slow})
		go s.CloseNow(1000, "")
		go s.Run()
		p.hears()
		if heard.IsZero() {
			t.Error("the server was told first")
		}
		p.Close()
		synctest.Wait()
	})
}

// TestCloseWhileServerSends: without a close timeout of its own a server that ignores our Close and keeps sending is left
// after 15 s, with one after that, and the session has ended well.
func TestCloseWhileServerSends(t *testing.T) {
	for given, wanted := range map[time.Duration]time.Duration{0: 15 * time.Second, 5 * time.Second: 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s, p := paired(Options{CloseTimeout: given}, &recorder{})
			go p.hearsAll()
			ended := make(chan struct{})
			go func() {
				for {
					select {
					case <-ended:
						return
					case <-time.After(time.Second):
						p.says("more")
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

// TestCloseWhileReaderIsSlow: the time in which the reader of our output is slow is not the server's.
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
		s, p := paired(Options{}, &recorder{onEvent: slow})
		go p.hearsAll()
		go s.Close(1000, "")
		go func() {
			for range 3 {
				p.says("late")
			}
			p.controls(wire.Close, "")
			p.Flush()
		}()
		if err := s.Run(); err != nil {
			t.Errorf("run: %v", err)
		}
		if messages != 3 {
			t.Errorf("%d messages came", messages)
		}
		p.Close()
	})
}

// TestSentBeforeClose: what is reported as sent after our Close was reported is not there, whenever it is sent.
func TestSentBeforeClose(t *testing.T) {
	s, p := paired(Options{ReportSent: true}, &recorder{})
	go p.answersClose()
	result := running(s)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.CloseNow(1000, "")
	}()
	for s.SendData(Text, []byte("one more")) == nil {
	}
	<-closed
	if err := soon(t, result); err != nil {
		t.Errorf("run: %v", err)
	}
	events := s.handler.(*recorder).all()
	if last := slices.Index(events, "> close 1000"); last < 0 || slices.Contains(events[last:], "> text one more") {
		t.Errorf("reported: %q", events[max(0, last):])
	}
	if reported := int64(len(events)); s.Summary().Sent != reported-3 { // it opened, and both closed
		t.Errorf("%d were sent, and %d reported", s.Summary().Sent, reported-3)
	}
}

// TestGoodbyeDuringStalledUpload: a server that does not read does not keep us, and that not all was written is an error.
func TestGoodbyeDuringStalledUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := paired(Options{CloseTimeout: time.Second}, &recorder{})
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
