//go:build unix

package daemon

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wsx/client"
	"wsx/repl"
	"wsx/repl/render"
	"wsx/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startEcho opens a session with an echo server, which is served in a folder until the test ends, and returns the server of the session.
func startEcho(t *testing.T, f Folder, name string, idle time.Duration) *Server {
	t.Helper()
	echo, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(f, Options{Name: name, URL: echo.URL(), Idle: idle})
	if err != nil {
		t.Fatal(err)
	}
	output, err := repl.NewOutput(context.Background(), io.Discard, io.Discard, repl.View{Renderer: s, Format: "json"}, &render.Notes{Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	session := repl.New(repl.Config{
		URL: echo.URL(), Source: s, Output: output, Handled: s.Handled, Options: client.Options{ReportSent: true, Trace: true},
	})
	opened := make(chan error, 1)
	s.Opened = func() { opened <- s.Listen(f) }
	s.Quit, s.Retry, s.Stats = session.Quit, session.RetryNow, session.Stats
	finished := make(chan struct{})
	go func() { // ended by the cleanup
		defer close(finished)
		err := session.Run(context.Background())
		output.End(err, &render.End{})
		s.Wait(nil)
		s.Close()
		echo.Shutdown(context.Background())
	}()
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var unknown *UnknownError
		if err := f.Close(name, nil); err != nil && !errors.As(err, &unknown) {
			t.Errorf("close: %v", err)
		}
		<-finished
	})
	return s
}

// collector is a handler that keeps messages as text.
type collector struct {
	attachment *Attachment
	count      int // detach after this number of messages; 0 = do not
	mu         sync.Mutex
	messages   []string
	gap        int64
	received   chan string // gets each message; nil = it does not
}

func (l *collector) Handle(e client.Event) error {
	switch e.Kind {
	case client.KindGap:
		l.gap += e.Detail.(*client.Gap).Count
	case client.KindMessage:
		l.mu.Lock()
		l.messages = append(l.messages, string(e.Payload))
		n := len(l.messages)
		l.mu.Unlock()
		if l.received != nil {
			l.received <- string(e.Payload)
		}
		if n == l.count {
			l.attachment.CloseNow(0, "")
		}
	}
	return nil
}

func (l *collector) Flush() error { return nil }

// read attaches to a session and reads count messages; 0 = until the end.
func read(t *testing.T, f Folder, o AttachOptions, count int) *collector {
	t.Helper()
	a, err := f.Attach("echo", o)
	if err != nil {
		t.Fatal(err)
	}
	l := &collector{attachment: a, count: count}
	a.Deliver(l, false)
	if err := a.Run(); err != nil {
		t.Error(err)
	}
	return l
}

// sendAll sends messages, and returns when their echoes have been received.
func sendAll(t *testing.T, f Folder, messages ...string) {
	t.Helper()
	a, err := f.Attach("echo", AttachOptions{From: FromAnswer, Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	l := &collector{attachment: a, count: len(messages)}
	a.Deliver(l, false)
	ended := make(chan error, 1)
	go func() { ended <- a.Run() }() // ended by the echoes
	for _, m := range messages {
		if err := a.SendData(client.Text, []byte(m)); err != nil && !errors.Is(err, client.ErrClosed) {
			t.Fatal(err)
		}
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestReadersSeeEachMessageOnce(t *testing.T) {
	f := newFolder(t)
	startEcho(t, f, "echo", 0)
	sendAll(t, f, "1", "2", "3", "4", "5")
	for _, step := range []struct {
		reader string
		count  int
		want   string
	}{
		{"a", 2, "1 2"}, {"a", 1, "3"}, {"b", 1, "1"}, {"a", 0, "4 5"}, {"a", 0, ""}, {"b", 0, "2 3 4 5"},
	} {
		l := read(t, f, AttachOptions{From: FromUnread, Reader: step.reader}, step.count)
		if got := strings.Join(l.messages, " "); got != step.want {
			t.Errorf("reader %s got %q, want %q", step.reader, got, step.want)
		}
	}
}

// TestReaderTurns reads as the same reader in several processes at the same time: each message goes to one of them.
func TestReaderTurns(t *testing.T) {
	f := newFolder(t)
	startEcho(t, f, "echo", 0)
	var all []string
	for i := range 200 {
		all = append(all, fmt.Sprint(i))
	}
	sendAll(t, f, all...)
	var work sync.WaitGroup
	lists := make([]*collector, 20)
	for i := range lists {
		work.Go(func() { lists[i] = read(t, f, AttachOptions{From: FromUnread}, 10) })
	}
	work.Wait()
	seen := map[string]int{}
	for _, l := range lists {
		for _, m := range l.messages {
			seen[m]++
		}
	}
	for _, m := range all {
		if seen[m] != 1 {
			t.Errorf("message %s was read %d times", m, seen[m])
		}
	}
}

// TestUnseenIsReadAgain disconnects a reader before it has confirmed messages: the next one gets them.
func TestUnseenIsReadAgain(t *testing.T) {
	f := newFolder(t)
	startEcho(t, f, "echo", 0)
	sendAll(t, f, "1", "2")
	socket, lines, _, err := f.connect("echo")
	if err != nil {
		t.Fatal(err)
	}
	socket.Write(marshal(map[string]any{"event": "read", "from": FromUnread, "reader": DefaultReader}))
	for range 3 {
		if _, err := lines.ReadBytes('\n'); err != nil {
			t.Fatal(err)
		}
	}
	socket.Close()
	if l := read(t, f, AttachOptions{From: FromUnread}, 0); strings.Join(l.messages, " ") != "1 2" {
		t.Errorf("got %q", l.messages)
	}
}

func TestGapIsReported(t *testing.T) {
	f := newFolder(t)
	s := startEcho(t, f, "echo", 0)
	sendAll(t, f, "first")
	for range ringEntries {
		s.Render(nil, client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte("x")})
	}
	l := read(t, f, AttachOptions{From: FromUnread}, 0)
	if l.gap != 1 || len(l.messages) != ringEntries {
		t.Errorf("a gap of %d and %d messages", l.gap, len(l.messages))
	}
}

// TestAnswersComeAfterTheirMessage sends from many processes at once: none gets an echo that was received before its message was sent.
func TestAnswersComeAfterTheirMessage(t *testing.T) {
	f := newFolder(t)
	startEcho(t, f, "echo", 0)
	var work sync.WaitGroup
	for i := range 50 {
		work.Go(func() {
			a, err := f.Attach("echo", AttachOptions{From: FromAnswer, Follow: true})
			if err != nil {
				t.Error(err)
				return
			}
			l := &collector{attachment: a, received: make(chan string)}
			a.Deliver(l, false)
			ended := make(chan error, 1)
			go func() { ended <- a.Run() }() // ended below
			own := fmt.Sprintf("message %d", i)
			go a.SendData(client.Text, []byte(own)) // ended by its answer
			for m := range l.received {
				if m == own {
					break
				}
			}
			a.CloseNow(0, "")
			for {
				select {
				case <-l.received:
					continue
				case err := <-ended:
					if err != nil {
						t.Error(err)
					}
				}
				return
			}
		})
	}
	work.Wait()
}

// TestReplyPrecedesItsEvents: the number of a call is written before the message that replies to it, which the process could not tell from
// replies to other processes without it.
func TestReplyPrecedesItsEvents(t *testing.T) {
	for range 2000 {
		s := &Server{ring: newRing(), ending: make(chan struct{}), conns: map[*conn]bool{}}
		c := &conn{server: s, wakeup: make(chan struct{}, 1), hasRequestedRead: true, from: FromAnswer, follow: true}
		s.conns[c], s.current = true, &task{conn: c, number: 1}
		var answered sync.WaitGroup
		answered.Go(func() {
			s.Called(7)
			s.Render(nil, client.Event{Kind: client.KindMessage, Dir: client.In, Type: client.Text, First: true, Last: true, Payload: []byte("reply")})
		})
		var text bytes.Buffer
		out := bufio.NewWriter(&text)
		for !strings.Contains(text.String(), `"reply"`) {
			out.Write(c.popReplies())
			c.writeBatch(out)
			out.Flush()
		}
		answered.Wait()
		if done, reply := strings.Index(text.String(), `"done"`), strings.Index(text.String(), `"reply"`); done < 0 || done > reply {
			t.Fatalf("the message precedes the reply to the request:\n%s", text.String())
		}
	}
}

func TestCloseIsRemembered(t *testing.T) {
	f := newFolder(t)
	s := startEcho(t, f, "echo", 0)
	sendAll(t, f, "1")
	s.Quit()
	<-s.ended
	for _, want := range []string{"1", ""} {
		if l := read(t, f, AttachOptions{From: FromUnread, Follow: true}, 0); strings.Join(l.messages, " ") != want {
			t.Errorf("got %q, want %q", l.messages, want)
		}
	}
	a, err := f.Attach("echo", AttachOptions{From: FromAnswer, Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	if a.Status().State != StateClosed {
		t.Errorf("the session is %s", a.Status().State)
	}
	go a.SendData(client.Text, []byte("late")) // ended with the attachment
	var late *EndError
	if err := a.Run(); !errors.As(err, &late) || late.Exit != 1 {
		t.Errorf("a message after the end: %v", err)
	}
}

// TestCloseFreesTheName closes open sessions and ended ones: when Close returns, the name is free.
func TestCloseFreesTheName(t *testing.T) {
	f := newFolder(t)
	for i := range 30 {
		s := startEcho(t, f, "echo", 0)
		if i%2 == 0 {
			s.Quit()
			<-s.ended
		}
		if err := f.Close("echo", nil); err != nil {
			t.Fatal(err)
		}
		release, err := f.claim("echo")
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
}

// TestEndedSessionMakesRoom gives the name of a session that has ended to another.
func TestEndedSessionMakesRoom(t *testing.T) {
	f := newFolder(t)
	first := startEcho(t, f, "echo", 0)
	if _, err := NewServer(f, Options{Name: "echo"}); err == nil {
		t.Fatal("the name of an open session was given away")
	}
	first.Quit()
	<-first.ended
	startEcho(t, f, "echo", 0)
	sendAll(t, f, "again")
}

func TestIdleSessionEnds(t *testing.T) {
	f := newFolder(t)
	s := startEcho(t, f, "echo", time.Millisecond)
	<-s.released
	var unknown *UnknownError
	if _, err := f.Status("echo"); !errors.As(err, &unknown) || unknown.Stale {
		t.Errorf("after the time without use: %v", err)
	}
}

// TestInvalidRequests checks that invalid requests are rejected, and that the connection can be used after them.
func TestInvalidRequests(t *testing.T) {
	f := newFolder(t)
	startEcho(t, f, "echo", 0)
	socket, lines, _, err := f.connect("echo")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, line := range []string{
		`nonsense`, `[]`, `{}`, `{"event":"dance"}`, `{"event":"read","from":"there"}`, `{"event":"message","dir":"in","data":"x"}`,
		`{"event":"message","type":"binary","data":"!","encoding":"base64"}`, `{"event":"close","code":1006}`, `{"event":"use","verb":"call","number":3}`,
		`{"event":"read","from":"unread","reader":"Ä"}`,
	} {
		io.WriteString(socket, line+"\n")
		answer, err := lines.ReadBytes('\n')
		var a struct{ Event, Message string }
		if err == nil {
			err = json.Unmarshal(answer, &a)
		}
		if err != nil || a.Event != "rejected" || a.Message == "" {
			t.Errorf("%s: %s %v", line, answer, err)
		}
	}
	io.WriteString(socket, `{"event":"message","data":"hello"}`+"\n")
	if answer, err := lines.ReadBytes('\n'); err != nil || !strings.Contains(string(answer), `"data":"hello"`) {
		t.Errorf("%s %v", answer, err)
	}
}

// FuzzRequest decodes any line as a request.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"event":"message","data":"x","number":1}`))
	f.Add([]byte(`{"event":"close","code":4000,"reason":"bye"}`))
	f.Add([]byte(`{"event":"use","verb":"call","words":[{"text":"add"},{"bytes":"AAE="}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var r request
		if json.Unmarshal(line, &r) != nil {
			return
		}
		if task, err := r.newTask(&conn{}); err == nil && task == nil {
			t.Error("neither a task nor an error")
		}
	})
}

// FuzzReply decodes any line as one from the process of a session.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"event":"message","type":"text","data":"x","as":{"kind":"reply","data":[1]},"meaning":{"call":2,"shown":"y"}}`))
	f.Add([]byte(`{"event":"frame","mask":"01020304","rest":{"opcode":1,"head":"AA=="}}`))
	f.Add([]byte(`{"event":"retry","after":"1s","attempt":2}`))
	f.Fuzz(func(_ *testing.T, line []byte) {
		var r reply
		if json.Unmarshal(line, &r) == nil {
			r.event()
		}
	})
}

// TestEveryProcessGetsTheEnd closes sessions that other processes watch: each gets the server's Close and how the session ended.
func TestEveryProcessGetsTheEnd(t *testing.T) {
	f := newFolder(t)
	for range 60 {
		startEcho(t, f, "echo", 0)
		var running sync.WaitGroup
		for range 3 {
			a, err := f.Attach("echo", AttachOptions{From: FromNone, Follow: true})
			if err != nil {
				t.Fatal(err)
			}
			a.Deliver(&collector{}, false)
			running.Go(func() {
				if err := a.Run(); err != nil {
					t.Error(err)
				}
			})
		}
		if err := f.Close("echo", nil); err != nil {
			t.Fatal(err)
		}
		running.Wait()
	}
}

// TestAgeHasThreeDecimals checks that a time in a status is short as JSON.
func TestAgeHasThreeDecimals(t *testing.T) {
	if got := fmt.Sprint(seconds(3537900 * time.Microsecond)); got != "3.538" {
		t.Errorf("3.5379 s is %s, want 3.538", got)
	}
}
