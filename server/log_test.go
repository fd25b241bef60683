package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coder/websocket"

	"wsx/client/wire"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// testLog is a log with a method that waits for a text.
type testLog struct {
	mu      sync.Mutex // guards the fields below
	written sync.Cond
	buf     bytes.Buffer
}

func newTestLog() *testLog {
	l := &testLog{}
	l.written.L = &l.mu
	return l
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.written.Broadcast()
	return l.buf.Write(p)
}

// until returns the log once it contains awaited.
func (l *testLog) until(awaited string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !strings.Contains(l.buf.String(), awaited) {
		l.written.Wait()
	}
	return l.buf.String()
}

// logOf returns the log of one refused client and one that exchanges messages.
func logOf(t *testing.T, o Options) string {
	log := newTestLog()
	o.Log, o.Now, o.Subprotocols = log, atNoon, []string{"v1"}
	o.Addr = "127.0.0.1:0"
	s, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	websocket.Dial(testContext(t), s.URL()+"x", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"http://evil.example.com"}}})
	c := dial(t, s.URL()+"?a=%1b", &websocket.DialOptions{Subprotocols: []string{"v1"}})
	c.send("hi \x1b[2J\u202e")
	c.receive()
	c.Write(c.ctx, websocket.MessageBinary, []byte{0, 255})
	c.receive()
	c.Close(4000, "bye\x1b")
	shutdown(t, s)
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	return port.ReplaceAllString(log.buf.String(), "CLIENT")
}

func TestLogText(t *testing.T) {
	got := logOf(t, Options{})
	want := `12:00:00.000 refused from CLIENT "/x" origin "http://evil.example.com": "request Origin \"evil.example.com\" is not authorized for Host \"CLIENT\""
12:00:00.000 #1 open from CLIENT "/?a=%1b" subprotocol "v1"
12:00:00.000 #1 in text 10 bytes "hi \x1b[2J\u202e"
12:00:00.000 #1 out text 10 bytes "hi \x1b[2J\u202e"
12:00:00.000 #1 in binary 2 bytes "\x00\xff"
12:00:00.000 #1 out binary 2 bytes "\x00\xff"
12:00:00.000 #1 closed by client 4000 "bye\x1b", 2 in, 2 out
`
	if got != want {
		t.Errorf("the log is\n%s\nwant\n%s", got, want)
	}
}

func TestLogJSON(t *testing.T) {
	got := logOf(t, Options{JSON: true})
	want := `{"time":"2026-11-20T12:00:00Z","event":"refused","remote":"CLIENT","url":"/x","origin":"http://evil.example.com","message":"request Origin \"evil.example.com\" is not authorized for Host \"CLIENT\""}
{"time":"2026-11-20T12:00:00Z","event":"open","client":1,"remote":"CLIENT","url":"/?a=%1b","subprotocol":"v1"}
{"time":"2026-11-20T12:00:00Z","event":"message","client":1,"dir":"in","type":"text","bytes":10,"data":"hi \u001b[2J\u202e"}
{"time":"2026-11-20T12:00:00Z","event":"message","client":1,"dir":"out","type":"text","bytes":10,"data":"hi \u001b[2J\u202e"}
{"time":"2026-11-20T12:00:00Z","event":"message","client":1,"dir":"in","type":"binary","bytes":2,"data":"AP8=","encoding":"base64"}
{"time":"2026-11-20T12:00:00Z","event":"message","client":1,"dir":"out","type":"binary","bytes":2,"data":"AP8=","encoding":"base64"}
{"time":"2026-11-20T12:00:00Z","event":"close","client":1,"dir":"in","code":4000,"reason":"bye\u001b","received":2,"sent":2}
`
	if got != want {
		t.Errorf("the log is\n%s\nwant\n%s", got, want)
	}
}

func TestLogTruncatesMessages(t *testing.T) {
	log := newTestLog()
	newAccessLog(log, false, atNoon).message(1, "in", wire.Text, bytes.Repeat([]byte("x"), 1000))
	if got := log.buf.String(); !strings.HasSuffix(got, `x" and 800 more bytes`+"\n") || len(got) > 300 {
		t.Errorf("a long message is logged as %q", got)
	}
}

func TestLogTruncatesRequests(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	e := &logEntry{Event: "refused", URL: "/" + long, Origin: long, Subprotocol: long, Message: long}
	if got := e.text(); len(got) > 2000 {
		t.Errorf("a long request is logged in %d bytes", len(got))
	}
}

func TestLogClose(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(*testClient, *Server)
		want string
	}{
		{"shutdown", func(c *testClient, s *Server) { c.CloseRead(c.ctx); shutdown(c.t, s) }, `by the server 1001 "the server is shutting down", 1 in, 1 out`},
		{"not UTF-8", func(c *testClient, _ *Server) { c.send("\xff"); c.expectClose(1007) }, `by the server 1007 "`},
		{"too big", func(c *testClient, _ *Server) { c.send("0123456789a"); c.expectClose(1009) }, `by the server 1009 "`},
		{"lost", func(c *testClient, _ *Server) { c.CloseNow() }, `after "the connection ended without a Close frame", 1 in, 1 out`},
		{"no code", func(c *testClient, _ *Server) { c.Close(websocket.StatusNoStatusRcvd, "") }, `by client 1005 "", 1 in, 1 out`},
	} {
		t.Run(row.name, func(t *testing.T) {
			log := newTestLog()
			s, err := Listen(t.Context(), Options{Addr: "127.0.0.1:0", Log: log, MaxMessage: 10})
			if err != nil {
				t.Fatal(err)
			}
			c := dial(t, s.URL(), nil)
			c.send("here")
			c.expect("here")
			row.end(c, s)
			text := log.until("#1 closed ")
			shutdown(t, s)
			if _, last, _ := strings.Cut(text, "#1 closed "); !strings.Contains(last, row.want) {
				t.Errorf("logged %q, want %q", last, row.want)
			}
		})
	}
}

// TestLogFirstClose: the client's Close frame is logged, not one that the server sends after it.
func TestLogFirstClose(t *testing.T) {
	log := newTestLog()
	s := serve(t, Options{Log: log})
	s.behave = always(func(p *peer) error {
		err := echo(p)
		p.closeConn(err)
		p.close(shuttingDown)
		return err
	})
	dial(t, s.URL(), nil).Close(4000, "bye")
	if _, last, _ := strings.Cut(log.until("#1 closed "), "#1 closed "); last != `by client 4000 "bye", 0 in, 0 out`+"\n" {
		t.Errorf("logged %q", last)
	}
}

// FuzzLogEntry fills every field that a client controls: the entry must be one line of printable characters.
func FuzzLogEntry(f *testing.F) {
	f.Add("\x1b[2J\x1b]0;title\x07\r\n\x7f\u009b\u202e\u2028\xff\x00", true)
	f.Add("\U000e0001😀\ue000\ufeff", false)
	f.Add(strings.Repeat("é", 150), false)
	f.Fuzz(func(t *testing.T, sent string, asJSON bool) {
		size, zero := int64(len(sent)), int64(0)
		for _, event := range []string{"open", "message", "close", "refused", "fault"} {
			n := logEntry{Time: noon, Event: event, Remote: "127.0.0.1:1", URL: sent, Origin: sent, Subprotocol: sent,
				Type: "text", Bytes: &size, Data: &sent, Reason: sent, Received: &zero, Sent: &zero, Message: sent}
			line := n.text()
			if asJSON {
				line = n.object()
				expectSame(t, line, sent)
			}
			expectPrintable(t, line)
		}
	})
}

func expectPrintable(t *testing.T, line string) {
	t.Helper()
	if !utf8.ValidString(line) {
		t.Errorf("%q is not UTF-8", line)
	}
	for _, c := range line {
		if !unicode.IsPrint(c) {
			t.Errorf("%q has %U", line, c)
		}
	}
}

// expectSame decodes the object: it must have all UTF-8 text unchanged.
func expectSame(t *testing.T, line, sent string) {
	t.Helper()
	var decoded logEntry
	if err := json.Unmarshal([]byte(line), &decoded); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if want := strings.ToValidUTF8(sent, "\ufffd"); utf8.ValidString(sent) && decoded.URL != want {
		t.Errorf("%q is decoded as %q", want, decoded.URL)
	}
}
