package repl

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wsx/repl/draft"
	"wsx/terminal"
)

func TestTypedJSON(t *testing.T) {
	var c Completion
	for _, test := range []struct {
		line       string
		start      int
		incomplete bool
	}{
		{`{"a":`, 0, true},
		{`{"a":1}`, 0, false},
		{"hello", 0, false},
		{"//{", 0, false},
		{`/text {"a":`, 6, true},
		{`/fragment 5 [1`, 12, true},
		{`/pretty {"a":1}`, 8, false},
		{"/text hello", 11, false},
		{`/grep {`, 7, false},
		{`/jq {a:`, 7, false},
		{"/nothing {", 10, false},
	} {
		if start := c.messageStart(test.line); start != test.start || c.Incomplete(test.line) != test.incomplete {
			t.Errorf("%s: the message begins at %d, incomplete: %v", test.line, start, c.Incomplete(test.line))
		}
	}
	if text, ok := c.Reformat(`/text {"a":1}`); text != "/text {\n  \"a\": 1\n}" || !ok {
		t.Errorf("reformatted: %q, %v", text, ok)
	}
	want := []terminal.Span{{From: 7, To: 10, Style: "1"}, {From: 10, To: 11, Style: "7"}, {From: 6, To: 7, Style: "7"}}
	if spans := c.Paint(draft.Styles{Key: "1", Match: "7"})(`/text {"a"}`, 11); !slices.Equal(spans, want) {
		t.Errorf("painted %+v, want %+v", spans, want)
	}
}

func TestSimilarCommands(t *testing.T) {
	for name, want := range map[string]string{
		"pign": "ping", "expct": "expect", "exp": "expect", "tarce": "trace", "reconect": "reconnect", "Ping": "ping", "quite": "quit",
		"x": "", "zzz": "", "subscribe": "", "": "",
	} {
		if got := similarCommand(name); got != want {
			t.Errorf("/%s is like /%s, want /%s", name, got, want)
		}
	}
}

// TestCompletionOfJSON: a completion does not repeat what already follows the cursor.
func TestCompletionOfJSON(t *testing.T) {
	var c Completion
	now := time.Now()
	c.learn(now, []byte(`{"channel": "ticker", "depth": 10}`))
	c.learnSent([]byte(`{"method": "subscribe"}`))
	for _, test := range []struct {
		line, head string
		pos        int
		want       string
	}{
		{`{"ch`, `{`, 4, `"channel": `},
		{`{"ch": 1}`, `{`, 4, `"channel`},
		{`{"ch"}`, `{`, 4, `"channel": `},
		{`/text {"de`, `/text {`, 10, `"depth": `},
		{`{"method": "s`, `{"method": `, 13, `"subscribe"`},
		{`{"channel": "t"}`, `{"channel": `, 14, `"ticker`},
	} {
		head, list := c.Complete(test.line, test.pos)
		if head != test.head || len(list) != 1 || list[0].Text != test.want || !list[0].Open {
			t.Errorf("%s at %d: %q, %+v", test.line, test.pos, head, list)
		}
	}
}

// TestLearnInFlood: of many messages that are received at once, completion learns from some.
func TestLearnInFlood(t *testing.T) {
	var c Completion
	now := time.Now()
	for i := range 1000 {
		c.learn(now, fmt.Appendf(nil, `{"key%d": 1}`, i))
	}
	c.learn(now.Add(time.Second), []byte(`{"key2000": 1}`))
	if _, list := c.Complete(`{"key`, 5); len(list) != learnedMessages+1 || list[0].Text != `"key2000": ` {
		t.Errorf("%d keys are known: %+v", len(list), list)
	}
}
