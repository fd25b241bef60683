package dialect

import (
	"strings"
	"testing"
	"time"
)

func TestSplitWords(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", ""},
		{"add 2  3 ", "add|2|3"},
		{`add "2" x`, `add|2*|x`},
		{`say 'two words' {"a": [1, 2]} [1, {"b": 2}]`, `say|two words|{"a": [1, 2]}|[1, {"b": 2}]`},
		{`subscribe {a b}`, `subscribe|{a|b}`},
		{`"a"b`, `"a"b`},
		{"it's", "it's"},
	} {
		words, err := SplitWords(c.line)
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
		}
		var texts []string
		for _, w := range words {
			texts = append(texts, w.Text+map[bool]string{true: "*"}[w.Quoted])
		}
		if got := strings.Join(texts, "|"); got != c.want {
			t.Errorf("%q: %s, want %s", c.line, got, c.want)
		}
	}
	if _, err := SplitWords("'open"); err == nil {
		t.Error("an unclosed quote is accepted")
	}
}

// TestShowByeRetryAndResume uses the words that no built-in dialect uses.
func TestShowByeRetryAndResume(t *testing.T) {
	s := startSession(t, `open send("login")
resume if .again then send("resume") else empty end
bye send("bye")
retry .code != 4004
on .n => event("number"; .n)
show .name == "number" => "number \(.data)"`)
	now := time.Now()
	if out, err := s.Receive(now, false, []byte(`{"n":7}`)); err != nil || string(out.Events[0].Text()) != "number 7" {
		t.Errorf("%+v, %v", out, err)
	}
	for _, c := range []struct {
		out  Output
		want string
	}{{s.Open(now, "", ""), `"resume"`}, {s.BeforeClose(now), `"bye"`}} {
		if len(c.out.Send) != 1 || string(c.out.Send[0].Data) != c.want {
			t.Errorf("%+v, want %s", c.out.Send, c.want)
		}
	}
	if out := s.BeforeClose(now); len(out.Send) > 0 {
		t.Errorf("sent before a second Close: %+v", out.Send)
	}
	s.Open(now, "", "")
	if out := s.BeforeClose(now); len(out.Send) != 1 {
		t.Errorf("sent before a Close of the next connection: %+v", out.Send)
	}
	if s.Retries(4004, "") || !s.Retries(1006, "") {
		t.Error("retry has no effect")
	}
}

func TestAttachments(t *testing.T) {
	s, _ := mustBuiltin(t, "socketio").Start(nil)
	now := time.Now()
	s.Open(now, "", "")
	s.Receive(now, false, []byte(`40{"sid":"x"}`))
	_, out, err := s.Verb(now, "emit", []Word{{Text: "picture"}, FileWord([]byte{0xff, 1}), FileWord([]byte{0xfe})})
	if err != nil || len(out.Send) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	const packet = `452-["picture",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`
	if string(out.Send[0].Data) != packet || !out.Send[2].Binary || string(out.Send[2].Data) != "\xfe" {
		t.Errorf("%+v", out.Send)
	}
	for i, m := range []Message{{Data: []byte(packet)}, {Binary: true, Data: []byte{0xff, 1}}, {Binary: true, Data: []byte{0xfe}}} {
		out, err = s.Receive(now, m.Binary, m.Data)
		if err != nil || len(out.Events) != 1 || out.Events[0].Hidden() != (i < 2) {
			t.Fatalf("%d: %+v, %v", i, out, err)
		}
	}
	if got := string(out.Events[0].Text()); got != `[{"base64":"/wE="},{"base64":"/g=="}]` {
		t.Error(got)
	}
}

// TestKeyLimit: a server that gives a subscription one id after the other does not use up memory.
func TestKeyLimit(t *testing.T) {
	s, _ := mustBuiltin(t, "jsonrpc").Start(nil)
	now := time.Now()
	s.Open(now, "", "")
	s.Verb(now, "subscribe", PlainWords("ticks"))
	for i := range 100 {
		s.Receive(now, false, []byte(`{"id":1,"result":"`+strings.Repeat("x", i*10)+`"}`))
	}
	if len(s.calls) > maxKeys {
		t.Errorf("%d ids", len(s.calls))
	}
}
