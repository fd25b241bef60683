//go:build linux || darwin

package main

import (
	"context"
	"regexp"
	"testing"

	"github.com/coder/websocket"
)

// TestListenAtATerminal accepts one client after the other, as wscat -l.
func TestListenAtATerminal(t *testing.T) {
	t.Parallel()
	s := startAtTerminal(t, "-l", "0")
	s.waitFor("listening on ws://127.0.0.1:")
	url := regexp.MustCompile(`ws://127\.0\.0\.1:\d+/`).FindString(s.shown())
	s.typeKeys("too early\r")
	s.waitFor("no client is connected: the message was not sent")
	s.typeKeys("/info\r")
	s.waitFor("url          " + url)

	first := connectClient(t, url)
	s.waitFor("a client connected from")
	s.typeKeys("hello\r")
	s.wantMessage(t, first, "hello")
	s.sendFrom(t, first, "hi there")
	s.waitFor("< hi there\r\n")
	s.typeKeys("/ping beat\r")
	go first.Read(t.Context()) // answers the Ping, and then our Close
	s.waitFor("received pong (data: \"beat\") after")
	if _, response, err := websocket.Dial(t.Context(), url, nil); err == nil || response.StatusCode != 503 {
		t.Errorf("a second client: %v, %v", response, err)
	}
	s.typeKeys("/close 4000 next\r")
	s.waitFor("closing: 4000")
	s.waitFor("disconnected: 4000")

	second := connectClient(t, url)
	s.sendFrom(t, second, "me too")
	s.waitFor("< me too\r\n")
	second.Close(4001, "enough")
	s.waitFor("disconnected by the client: 4001")
	s.end("/quit\r", 0)
}

func TestListenAllAtATerminal(t *testing.T) {
	t.Parallel()
	s := startAtTerminal(t, "-l", "0", "--all")
	s.waitFor("listening on ws://127.0.0.1:")
	url := regexp.MustCompile(`ws://127\.0\.0\.1:\d+/`).FindString(s.shown())
	one := connectClient(t, url)
	s.waitFor("client 1 connected")
	two := connectClient(t, url)
	s.waitFor("client 2 connected")
	s.typeKeys("hello\r")
	s.wantMessage(t, one, "hello")
	s.wantMessage(t, two, "hello")
	s.sendFrom(t, two, "hi")
	s.waitFor("2< hi\r\n")
	two.CloseNow()
	s.waitFor("the client at")
	go one.Read(t.Context()) // answers our Close
	s.end("\x04", 0)
}

// connectClient connects a client of another implementation until the test ends.
func connectClient(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// wantMessage fails the test unless a client receives a message.
func (s *terminalSession) wantMessage(t *testing.T, conn *websocket.Conn, wanted string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	if _, got, err := conn.Read(ctx); string(got) != wanted {
		t.Fatalf("got %q, %v, want %q; the screen: %q", got, err, wanted, s.shown())
	}
}

// sendFrom sends a message from a client.
func (s *terminalSession) sendFrom(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatalf("%v; the screen: %q", err, s.shown())
	}
}
