package repl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wsx/client"
	"wsx/client/wire"
	"wsx/repl/input"
	"wsx/repl/render"
	"wsx/upgrade"
)

// dialectServer returns the URL of a server that calls handle with the frames of each client.
func dialectServer(t *testing.T, handle func(*wire.Conn)) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up, err := upgrade.Accept(w, r, upgrade.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		defer up.Stream.Close()
		handle(wire.NewConn(up.Stream, wire.Options{Server: true}))
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// oneLine is a source of one line. Then it ends, or waits for the end of the session.
type oneLine struct {
	line  string
	stays bool
	sent  bool
}

func (*oneLine) Ready() bool { return false }

func (s *oneLine) Next(ctx context.Context) (input.Line, error) {
	switch {
	case !s.sent:
		s.sent = true
		return input.Line{Type: client.Text, Data: []byte(s.line)}, nil
	case s.stays:
		<-ctx.Done()
		return input.Line{}, ctx.Err()
	}
	return input.Line{}, io.EOF
}

func runDialect(t *testing.T, url, source string, lines input.Source, verb ...string) (*Dialect, error) {
	t.Helper()
	var shown bytes.Buffer
	output, err := NewOutput(t.Context(), &shown, &shown, View{Format: "raw", Translates: true}, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	d := &Dialect{State: stateOf(t, source, nil), Verb: verb}
	c := Config{URL: url, Output: output, Source: lines, Dialect: d}
	c.Options.CloseTimeout = time.Second
	return d, New(c).Run(t.Context())
}

// TestClosingStopsTimers: when the session closes, the dialect repeats nothing any more, and nothing waits for a time that has passed.
func TestClosingStopsTimers(t *testing.T) {
	url := dialectServer(t, func(conn *wire.Conn) {
		for {
			f, err := conn.Next()
			if err != nil {
				return
			}
			if f.Opcode == wire.Close {
				conn.WriteControl(wire.Close, f.Payload)
				conn.Flush()
				return
			}
		}
	})
	d, err := runDialect(t, url, "name test \"Test: timers\"\nevery \"1h\" => send({beat: true})\nverb tell TEXT \"send\" => send({tell: .TEXT})\n", &oneLine{line: "tell x"})
	if err != nil {
		t.Error(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.next.IsZero() {
		t.Errorf("the next message is due at %v", d.next)
	}
}

// TestServerEndsBeforeClose: a server may end the connection as soon as it has received the message that precedes a Close.
func TestServerEndsBeforeClose(t *testing.T) {
	url := dialectServer(t, func(conn *wire.Conn) {
		conn.Next() // the line
		conn.Next() // the last message
	})
	for range 100 {
		_, err := runDialect(t, url, "name test \"Test: last message\"\nverb tell TEXT \"send\" => send({tell: .TEXT})\nbye send({bye: true})\n", &oneLine{line: "tell x"})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestServerEndsAfterReply: a server may end the connection as soon as it has answered the one verb.
func TestServerEndsAfterReply(t *testing.T) {
	const source = "name test \"Test: one reply\"\non .answer => reply(.id; .answer)\non .failed => failure(.id; .failed)\n" +
		"verb call \"call\" => send({id: $id}), await($id)\n"
	endings := map[string]func(*wire.Conn){
		"the end of the stream": func(*wire.Conn) {},
		"Close 4400":            func(conn *wire.Conn) { conn.WriteControl(wire.Close, []byte("\x11\x30")) },
	}
	for name, end := range endings {
		for answer, want := range map[string]string{`{"id": 1, "answer": 5}`: "<nil>", `{"id": 1, "failed": "no"}`: "call: no"} {
			url := dialectServer(t, func(conn *wire.Conn) {
				conn.Next() // the call
				conn.WriteMessage(wire.Text, []byte(answer))
				end(conn)
				conn.Flush()
			})
			for range 20 {
				if _, err := runDialect(t, url, source, nil, "call"); fmt.Sprint(err) != want {
					t.Errorf("%s after %s: %v, want %s", name, answer, err, want)
					break
				}
			}
		}
	}
}

// TestCloseWhileBlocked: what ends the session does so although the server does not read what is sent before.
func TestCloseWhileBlocked(t *testing.T) {
	for name, message := range map[string]string{"close": `{"close": 4000}`, "exit": `{"exit": 3}`, "refused": `{"refused": "no"}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{})
			url := dialectServer(t, func(conn *wire.Conn) {
				conn.Next() // the beginning of a long message
				conn.WriteMessage(wire.Text, []byte(message))
				conn.Flush()
				<-ended
			})
			source := "name test \"Test: close\"\non .close != null => close(.close; \"x\")\non .exit != null => exit(.exit)\n" +
				"on .refused != null => refused(.refused)\nverb tell TEXT \"send\" => send({tell: .TEXT})\n"
			runDialect(t, url, source, &oneLine{line: "tell " + strings.Repeat("x", 32<<20), stays: true}) // returns
			close(ended)
		})
	}
}
