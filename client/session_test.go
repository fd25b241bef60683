package client

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/server"
	"wsx/server/servertest"
)

func TestSendReceiveClose(t *testing.T) {
	echo, err := server.Listen(t.Context(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Shutdown(context.Background())

	echoed := make(chan struct{}, 8)
	r := &recorder{onEvent: func(e Event) error {
		if e.Kind == KindMessage && e.Dir == In && e.Last {
			echoed <- struct{}{}
		}
		return nil
	}}
	s := dialSession(t, echo.URL(), Options{ReportSent: true}, r)
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	s.SendData(Text, []byte("one"))
	s.Flush()
	await(t, echoed)
	s.SendData(Binary, []byte{2})
	s.Flush()
	await(t, echoed)
	s.SendFragment(Text, []byte("th"), true, false)
	s.SendFragment(Text, []byte("ree"), false, true)
	s.Flush()
	await(t, echoed)
	if err := s.Close(1000, "bye"); err != nil {
		t.Fatal(err)
	}
	if err := await(t, result); err != nil {
		t.Errorf("run: %v", err)
	}
	r.wantEvents(t, "opened", "> text one", "< text one", "> binary \x02", "< binary \x02",
		"> text+ th", "> text… ree", "< text three", "> close 1000 bye", "< close 1000 bye")
	if got, want := s.Summary(), (Summary{Code: 1000, Sent: 3, Received: 3}); got != want {
		t.Errorf("summary: %+v, wanted %+v", got, want)
	}
	if got, want := s.Received(), (Counts{Messages: 3, Bytes: 9}); got != want {
		t.Errorf("received: %+v, wanted %+v", got, want)
	}
	if err := s.SendData(Text, []byte("late")); err != ErrClosed {
		t.Errorf("send after the end: %v", err)
	}
}

// TestTracedEcho: a handler may reply to a message, also with Options.Trace; events are in the order of cause and effect.
func TestTracedEcho(t *testing.T) {
	faulty := servertest.Start(t)
	var s *Session
	r := &recorder{}
	r.onEvent = func(e Event) error {
		if e.Kind == KindMessage && e.Dir == In {
			return s.SendData(e.Type, e.Payload)
		}
		return nil
	}
	r.onFlush = func() error {
		if s != nil {
			s.Flush()
		}
		return nil
	}
	s = dialSession(t, faulty.URL("/eager?n=1"), Options{Options: dial.Options{NoCompress: true}, Trace: true, ReportSent: true}, r)
	if err := runSession(t, s); err != nil {
		t.Errorf("run: %v", err)
	}
	r.wantEvents(t, "opened", "< frame text", "< text eager 1", "> text eager 1", "> frame text",
		"< frame close", "< close 1000", "> close 1000", "> frame close")
}

func TestPingRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		s, p := newPipeSession(Options{}, r)
		go func() {
			p.receive()
			p.receive()
			time.Sleep(30 * time.Millisecond)
			p.sendControl(wire.Pong, "unsolicited")
			p.sendControl(wire.Pong, "two") // answers both (RFC 6455, section 5.5.3)
			p.sendControl(wire.Pong, "one")
			p.sendControl(wire.Ping, "theirs")
			if got := p.receive(); got != "pong theirs" {
				t.Errorf("our pong: %q", got)
			}
			p.answerClose()
		}()
		go func() {
			s.Ping([]byte("one"))
			s.Ping([]byte("two"))
			s.Flush()
			time.Sleep(time.Second)
			s.Close(1000, "")
		}()
		if err := s.Run(); err != nil {
			t.Errorf("run: %v", err)
		}
		r.wantEvents(t, "opened", "> ping one", "> ping two", "< pong unsolicited", "< pong two after 30ms", "< pong one",
			"< ping theirs", "> pong theirs", "> close 1000", "< close 1000")
	})
}

func TestControlPayloadLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := newPipeSession(Options{}, &recorder{})
		defer p.Close()
		defer s.conn.Load().closeAndWait()
		for what, err := range map[string]error{
			"ping": s.Ping(make([]byte, 126)), "pong": s.Pong(make([]byte, 126)),
			"close code": s.Close(1005, ""), "close reason": s.Close(1000, string(make([]byte, 124))),
			"close text": s.Close(1000, "\xff"),
		} {
			if !is[*dial.UsageError](err) {
				t.Errorf("invalid %s: %v", what, err)
			}
		}
		if s.closing.begun() {
			t.Error("an invalid Close ended the session")
		}
	})
}

// TestStalledUpload: a server that does not read blocks the sender, and not the receiver; its Pings are answered when
// it reads again.
func TestStalledUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		s, p := newPipeSession(Options{}, r)
		result := make(chan error, 1)
		go func() { result <- s.Run() }()
		go func() {
			s.SendData(Binary, make([]byte, 1<<20))
			s.Flush()
			s.Close(1000, "")
		}()
		synctest.Wait()
		p.sendControl(wire.Ping, "alive")
		p.send("hello")
		synctest.Wait()
		r.wantEvents(t, "opened", "< ping alive", "> pong alive", "< text hello")
		size, pong := 0, ""
		for pong == "" {
			frame, err := p.Next()
			if err != nil {
				t.Fatal(err)
			}
			if frame.Opcode == wire.Pong {
				pong = string(frame.Payload)
			}
			if frame.Opcode == wire.Binary {
				size += len(frame.Payload)
			}
		}
		if pong != "alive" || size != 1<<20 {
			t.Errorf("after %d bytes came pong %q", size, pong)
		}
		p.answerClose()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// TestFailingHandler: an error of the handler ends the session with 1001 and without delay, also with a server that is
// silent.
func TestFailingHandler(t *testing.T) {
	fail := func(e Event) error {
		if e.Kind == KindMessage {
			return errHandler
		}
		return nil
	}
	for _, c := range []struct {
		name, path string
		r          *recorder
		close      string // what the server must receive; "" = it does not read
	}{
		{"event", "/record?id=event&then=echo", &recorder{onEvent: fail}, "close 1001"},
		{"flush", "/record?id=flush", &recorder{onFlush: func() error { return errHandler }}, "close 1001"},
		{"opened", "/record?id=opened", &recorder{onEvent: func(Event) error { return errHandler }}, "close 1001"},
		{"silent server", "/silent", &recorder{onFlush: func() error { return errHandler }}, ""},
		{"server that does not read", "/noread", &recorder{onFlush: func() error { return errHandler }}, ""},
		{"flood", "/neverending", &recorder{onEvent: fail}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			faulty := servertest.Start(t)
			s := dialSession(t, faulty.URL(c.path), Options{CloseTimeout: time.Hour}, c.r)
			s.SendData(Text, []byte("hello"))
			s.Flush()
			if err := runSession(t, s); err != errHandler {
				t.Errorf("run: %v", err)
			}
			got := faulty.Received(c.name)
			if c.close != "" && (len(got) == 0 || got[len(got)-1].String() != c.close) {
				t.Errorf("the server received %v, wanted %s last", got, c.close)
			}
		})
	}
}

func TestSessionOptionErrors(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{PingTimeout: 1}, "a ping timeout needs a ping interval"},
		{Options{MaxMessage: -1}, "max message must not be negative"},
		{Options{Resend: true}, "resend needs reconnect"},
	} {
		_, err := Dial(t.Context(), "ws://127.0.0.1:1", c.o, &recorder{})
		usage, is := err.(*dial.UsageError)
		if !is || !strings.Contains(usage.Message, c.want) {
			t.Errorf("%+v: %v, wanted %q", c.o, err, c.want)
		}
	}
}
