package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client"
	"wsx/repl/input"
)

// frames is a session that records which messages and fragments are sent.
type frames struct {
	Session
	sent []string
}

func (f *frames) Send(m client.Message) error {
	text := fmt.Sprintf("%d", len(m.Data))
	if m.FrameSize > 0 {
		text += fmt.Sprintf(" in frames of %d", m.FrameSize)
	}
	f.sent = append(f.sent, text)
	return nil
}

func (f *frames) SendFragment(_ client.Type, data []byte, first, last bool) error {
	text := fmt.Sprintf("%d", len(data))
	if !first {
		text = "…" + text
	}
	if !last {
		text += "…"
	}
	f.sent = append(f.sent, text)
	return nil
}

// TestFrameSizes: a message is one frame unless it is too long or is read in fragments; --fragment splits every message, or none.
func TestFrameSizes(t *testing.T) {
	whole := func(n int) []input.Line { return []input.Line{{Type: client.Text, Data: make([]byte, n)}} }
	chunks := []input.Line{{Data: make([]byte, 5), Partial: true}, {Data: make([]byte, 5), Partial: true}, {Data: make([]byte, 2)}}
	for _, c := range []struct {
		name  string
		size  int
		lines []input.Line
		want  string
	}{
		{"small", 0, whole(10), "10"},
		{"empty", 4, whole(0), "0"},
		{"largest in one frame", 0, whole(maxFrame), "67108864"},
		{"too large", 0, whole(maxFrame + 1), "67108865 in frames of 65536"},
		{"of a size", 4, whole(10), "10 in frames of 4"},
		{"exactly of a size", 10, whole(10), "10"},
		{"never", -1, whole(maxFrame + 1), "67108865"},
		{"read in fragments", 0, chunks, "5… …5… …2"},
		{"read in fragments, of a size", 3, chunks, "3… …2… …3… …2… …2"},
		{"read in fragments, never", -1, chunks, "12"},
		{"two messages", 3, append(slices.Clone(chunks), chunks...), "3… …2… …3… …2… …2 3… …2… …3… …2… …2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			session := &frames{}
			r := New(Config{FragmentSize: c.size, Output: noOutput(t)})
			r.session = session
			for _, line := range c.lines {
				if err := r.sender.sendFragment(&line); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.Join(session.sent, " "); got != c.want {
				t.Errorf("frames %.100s, want %.100s", got, c.want)
			}
		})
	}
}

// TestOutcome: of several errors, Run returns one.
func TestOutcome(t *testing.T) {
	lost, refused, gone := &client.LostError{URL: "ws://h/", Err: io.EOF}, errors.New("line 3"), ErrOutputGone
	unconfirmed := &client.UnconfirmedError{URL: "ws://h/", Count: 3}
	for _, c := range []struct {
		name                   string
		cause, received, sent  error
		met                    bool
		count, receivedAlready int
		want                   error
	}{
		{name: "well"},
		{name: "lost", received: lost, want: lost},
		{name: "a bad line, then lost", received: lost, sent: refused, want: refused},
		{name: "interrupted", cause: io.ErrClosedPipe, received: lost, sent: refused, want: io.ErrClosedPipe},
		{name: "met, then lost", met: true, received: lost},
		{name: "met, with messages unconfirmed", met: true, received: unconfirmed, want: unconfirmed},
		{name: "the reader has gone", received: gone, sent: refused},
		{name: "the reader has gone, which interrupts", cause: gone, received: lost},
		{name: "not enough", count: 3, receivedAlready: 2, want: &UnmetError{"wait for 3 messages: the session ended after 2"}},
		{name: "enough", count: 3, receivedAlready: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			r := New(Config{Ending: Ending{Count: c.count}, Output: noOutput(t)})
			r.done.Store(c.met)
			r.received = c.receivedAlready
			if c.cause != nil {
				cancel(c.cause)
			}
			got := r.result(ctx, c.received, c.sent)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestRendering: only a rendering that takes long is interrupted, and the next one is not.
func TestRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		w := newRendering(ctx)
		if w.interrupt() {
			t.Error("nothing was rendered, and interrupted")
		}
		w.begin()
		if w.interrupt() {
			t.Error("a rendering that has just begun was interrupted")
		}
		time.Sleep(longRender)
		first := w.context()
		if !w.interrupt() || first.Err() == nil {
			t.Error("a long rendering was not interrupted")
		}
		w.end()
		w.begin()
		if w.context().Err() != nil {
			t.Error("the next rendering begins interrupted")
		}
		cancel()
		time.Sleep(renderGrace / 2)
		if w.context().Err() != nil {
			t.Error("the end of the session leaves no time to render")
		}
		time.Sleep(renderGrace)
		if w.context().Err() == nil {
			t.Error("a rendering goes on after the end of the session")
		}
	})
}

func TestLatest(t *testing.T) {
	var l latest
	if _, ok := l.message(); ok {
		t.Error("there is a message before one was received")
	}
	add := func(text string, first, last bool) {
		l.add(&client.Event{Payload: []byte(text), First: first, Last: last})
	}
	add("whole", true, true)
	add("in ", true, false)
	if got, _ := l.message(); string(got) != "whole" {
		t.Errorf("while a message is being received the last is %q", got)
	}
	add("fragments", false, true)
	if got, _ := l.message(); string(got) != "in fragments" {
		t.Errorf("%q", got)
	}
	add("", true, true)
	if got, ok := l.message(); !ok || len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestColumns(t *testing.T) {
	rows := [][2]string{{"/a", "short"}, {"/b [ARGUMENT]", strings.Repeat("word ", 20)}, {strings.Repeat("x", 40), "after a long name"}}
	text := columns(rows)
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) >= lineWidth {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
	if !strings.HasPrefix(text, "/a                           short\n/b [ARGUMENT]                word word") {
		t.Errorf("%s", text)
	}
	if got, want := len(strings.Fields(text)), 1+1+2+20+1+4; got != want {
		t.Errorf("%d words, want %d: %s", got, want, text)
	}
}
