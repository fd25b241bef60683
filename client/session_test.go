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

func TestSayHearAndGoodbye(t *testing.T) {
	echo, err := server.Listen(t.Context(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Shutdown(context.Background())

	echoed := make(chan struct{}, 8)
	w := &recorder{onEvent: func(e Event) error {
		if e.Kind == KindMessage && e.Dir == In && e.Last {
			echoed <- struct{}{}
		}
		return nil
	}}
	s := dialed(t, echo.URL(), Options{ReportSent: true}, w)
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	s.SendData(Text, []byte("one"))
	s.Flush()
	soon(t, echoed)
	s.SendData(Binary, []byte{2})
	s.Flush()
	soon(t, echoed)
	s.SendFragment(Text, []byte("th"), true, false)
	s.SendFragment(Text, []byte("ree"), false, true)
	s.Flush()
	soon(t, echoed)
	if err := s.Close(1000, "bye"); err != nil {
		t.Fatal(err)
	}
	if err := soon(t, result); err != nil {
		t.Errorf("run: %v", err)
	}
	w.wants(t, "opened", "> text one", "< text one", "> binary \x02", "< binary \x02",
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

// TestTracedEcho: whoever hears a message may answer it, also while every frame is traced; cause stands before effect.
func TestTracedEcho(t *testing.T) {
	bad := servertest.Start(t)
	var s *Session
	w := &recorder{}
	w.onEvent = func(e Event) error {
		if e.Kind == KindMessage && e.Dir == In {
			return s.SendData(e.Type, e.Payload)
		}
		return nil
	}
	w.onFlush = func() error {
		if s != nil {
			s.Flush()
		}
		return nil
	}
	s = dialed(t, bad.URL("/eager?n=1"), Options{Options: dial.Options{NoCompress: true}, Trace: true, ReportSent: true}, w)
	if err := ended(t, s); err != nil {
		t.Errorf("run: %v", err)
	}
	w.wants(t, "opened", "< frame text", "< text eager 1", "> text eager 1", "> frame text",
		"< frame close", "< close 1000", "> close 1000", "> frame close")
}

func TestPingHasARoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		s, p := paired(Options{}, w)
		go func() {
			p.hears()
			p.hears()
			time.Sleep(30 * time.Millisecond)
			p.controls(wire.Pong, "nobody asked")
			p.controls(wire.Pong, "two") // answers both (RFC 6455, section 5.5.3)
			p.controls(wire.Pong, "one")
			p.controls(wire.Ping, "theirs")
			if heard := p.hears(); heard != "pong theirs" {
				t.Errorf("our answer to a ping: %q", heard)
			}
			p.answersClose()
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
		w.wants(t, "opened", "> ping one", "> ping two", "< pong nobody asked", "< pong two after 30ms", "< pong one",
			"< ping theirs", "> pong theirs", "> close 1000", "< close 1000")
	})
}

func TestControlDataFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := paired(Options{}, &recorder{})
		defer p.Close()
		defer s.conn.Load().closeAndWait()
		for what, err := range map[string]error{
			"ping": s.Ping(make([]byte, 126)), "pong": s.Pong(make([]byte, 126)),
			"close code": s.Close(1005, ""), "close reason": s.Close(1000, string(make([]byte, 124))),
			"close text": s.Close(1000, "\xff"),
		} {
			if !is[*dial.UsageError](err) {
				t.Errorf("%s that cannot be sent: %v", what, err)
			}
		}
		if s.isClosing() {
			t.Error("a Close that cannot be sent ended the conversation")
		}
	})
}

// TestStalledUpload: a server that does not read stops the sender, and not the receiver; its pings are answered when
// it reads again.
func TestStalledUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &recorder{}
		s, p := paired(Options{}, w)
		result := make(chan error, 1)
		go func() { result <- s.Run() }()
		go func() {
			s.SendData(Binary, make([]byte, 1<<20))
			s.Flush()
			s.Close(1000, "")
		}()
		synctest.Wait()
		p.controls(wire.Ping, "are you there")
		p.says("hello")
		synctest.Wait()
		w.wants(t, "opened", "< ping are you there", "> pong are you there", "< text hello")
		size, pong := 0, ""
		for pong == "" {
			piece, err := p.Next()
			if err != nil {
				t.Fatal(err)
			}
			if piece.Opcode == wire.Pong {
				pong = string(piece.Payload)
			}
			if piece.Opcode == wire.Binary {
				size += len(piece.Payload)
			}
		}
		if pong != "are you there" || size != 1<<20 {
			t.Errorf("after %d bytes came pong %q", size, pong)
		}
		p.answersClose()
		if err := <-result; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// TestFailingListener: a listener that cannot hear ends the session politely and promptly, also with a server that is
// silent.
func TestFailingListener(t *testing.T) {
	fail := func(e Event) error {
		if e.Kind == KindMessage {
			return errListener
		}
		return nil
	}
	for _, c := range []struct {
		name, path string
		w          *recorder
		close      string // what the server must hear; "" = it does not listen
	}{
		{"hear", "/record?id=hear&then=echo", &recorder{onEvent: fail}, "close 1001"},
		{"idle", "/record?id=idle", &recorder{onFlush: func() error { return errListener }}, "close 1001"},
		{"opened", "/record?id=opened", &recorder{onEvent: func(Event) error { return errListener }}, "close 1001"},
		{"silent server", "/silent", &recorder{onFlush: func() error { return errListener }}, ""},
		{"server that does not read", "/noread", &recorder{onFlush: func() error { return errListener }}, ""},
		{"flood", "/neverending", &recorder{onEvent: fail}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := servertest.Start(t)
			s := dialed(t, bad.URL(c.path), Options{CloseTimeout: time.Hour}, c.w)
			s.SendData(Text, []byte("hello"))
			s.Flush()
			if err := ended(t, s); err != errListener {
				t.Errorf("run: %v", err)
			}
			heard := bad.Received(c.name)
			if c.close != "" && (len(heard) == 0 || heard[len(heard)-1].String() != c.close) {
				t.Errorf("the server heard %v, wanted %s at last", heard, c.close)
			}
		})
	}
}

func TestSessionOptionsAtOdds(t *testing.T) {
	for _, c := range []struct {
		o    Options
		says string
	}{
		{Options{PingTimeout: 1}, "a ping timeout needs a ping interval"},
		{Options{MaxMessage: -1}, "max message must not be negative"},
		{Options{Resend: true}, "resend needs reconnect"},
	} {
		_, err := Dial(t.Context(), "ws://127.0.0.1:1", c.o, &recorder{})
		usage, is := err.(*dial.UsageError)
		if !is || !strings.Contains(usage.Message, c.says) {
			t.Errorf("%+v: %v, wanted %q", c.o, err, c.says)
		}
	}
}
