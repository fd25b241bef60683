//go:build linux || darwin

package main

import (
	"context"
	"regexp"
	"testing"

	"github.com/coder/websocket"
)

// TestWhoeverConnectsAtATerminal: as with wscat -l, one client after the other.
func TestWhoeverConnectsAtATerminal(t *testing.T) {
	s := sit(t, "-l", "0")
	s.sees("listening on ws://127.0.0.1:")
	url := regexp.MustCompile(`ws://127\.0\.0\.1:\d+/`).FindString(s.shown())
	s.types("to nobody\r")
	s.sees("no client is connected: the message was not sent")
	s.types("/info\r")
	s.sees("url          " + url)

	first := visit(t, url)
	s.sees("a client connected from")
	s.types("hello\r")
	s.wantsAt(t, first, "hello")
	s.says(t, first, "hi there")
	s.sees("< hi there\r\n")
	s.types("/ping beat\r")
	go first.Read(t.Context()) // answers the Ping, and then our Close
	s.sees("received pong (data: \"beat\") after")
	if _, response, err := websocket.Dial(t.Context(), url, nil); err == nil || response.StatusCode != 503 {
		t.Errorf("a second one: %v, %v", response, err)
	}
	s.types("/close 4000 next\r")
	s.sees("closing: 4000")
	s.sees("disconnected: 4000")

	second := visit(t, url)
	s.says(t, second, "me too")
	s.sees("< me too\r\n")
	second.Close(4001, "enough")
	s.sees("disconnected by the client: 4001")
	s.types("/quit\r")
	s.leaves(0)
}

func TestAllWhoConnectAtATerminal(t *testing.T) {
	s := sit(t, "-l", "0", "--all")
	s.sees("listening on ws://127.0.0.1:")
	url := regexp.MustCompile(`ws://127\.0\.0\.1:\d+/`).FindString(s.shown())
	one := visit(t, url)
	s.sees("client 1 connected")
	two := visit(t, url)
	s.sees("client 2 connected")
	s.types("hello\r")
	s.wantsAt(t, one, "hello")
	s.wantsAt(t, two, "hello")
	s.says(t, two, "hi")
	s.sees("2< hi\r\n")
	two.CloseNow()
	s.sees("the client at")
	go one.Read(t.Context()) // answers our Close
	s.types("\x04")
	s.leaves(0)
}

// visit connects, and stays until the test has ended. No code of ours is on that side.
func visit(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// wantsAt wants a message to come to somebody who connected.
func (s *somebody) wantsAt(t *testing.T, conn *websocket.Conn, wanted string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, got, err := conn.Read(ctx); string(got) != wanted {
		t.Fatalf("got %q, %v, want %q; the screen: %q", got, err, wanted, s.shown())
	}
}

// says lets somebody who connected say something.
func (s *somebody) says(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatalf("%v; the screen: %q", err, s.shown())
	}
}
