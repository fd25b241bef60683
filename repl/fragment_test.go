package repl

import (
	"fmt"
	"slices"
	"strings"
	"testing"

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
