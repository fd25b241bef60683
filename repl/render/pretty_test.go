package render

import (
	"strings"
	"testing"

	"wsx/client"
)

func TestPretty(t *testing.T) {
	cases := []struct {
		name  string
		event client.Event
		want  string
	}{
		{"text", textMessage("hello"), "< hello\n"},
		{"of a client", client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Peer: 12, Payload: []byte("hello")}, "12< hello\n"},
		{"nothing", textMessage(""), "< \n"},
		{"several lines", textMessage("a\n< b\n> c"), "< a\n  < b\n  > c\n"},
		{"a newline at the end", textMessage("a\n"), "< a\\n\n"},
		{"two of them", textMessage("a\n\n"), "< a\n  \\n\n"},
		{"control characters", textMessage("\x1b[H\r\u202e"), "< \\x1b[H\\r\\u202e\n"},
		{"JSON", textMessage(`{"a":[1,true,null,{}],"b":"x\u001b\"y" , "c":[] }`),
			"< {\n    \"a\": [\n      1,\n      true,\n      null,\n      {}\n    ],\n    \"b\": \"x\\u001b\\\"y\",\n    \"c\": []\n  }\n"},
		{"JSON with a bidi override", textMessage("[\"\u202e\"]"), "< [\n    \"\\u202e\"\n  ]\n"},
		{"a number", textMessage("17"), "< 17\n"},
		{"not quite JSON", textMessage(`{"a":}`), "< {\"a\":}\n"},
		{"binary", binaryMessage("\x00\x01hello, world and more"),
			"< 00000000  00 01 68 65 6c 6c 6f 2c  20 77 6f 72 6c 64 20 61  |..hello, world a|\n" +
				"  00000010  6e 64 20 6d 6f 72 65                              |nd more|\n"},
		{"text in a binary message", binaryMessage("INFO {}\r\n"), "< (binary, 9 bytes) INFO {}\\r\\n\n"},
		{"no bytes", binaryMessage(""), "< (binary, 0 bytes)\n"},
	}
	for _, c := range cases {
		same(t, c.name, shown(t, &Pretty{}, c.event), c.want)
		if len(c.event.Payload) > 1 {
			same(t, c.name+" in fragments", shown(t, &Pretty{}, fragments(c.event, 1)...), c.want)
		}
	}
	same(t, "sent", shown(t, &Pretty{Options: Options{Sent: true}}, sent(textMessage("x"))), "> x\n")
	same(t, "sent, not shown", shown(t, &Pretty{}, sent(textMessage("x"))), "")
}

func TestPrettyCutsLongText(t *testing.T) {
	cases := []struct {
		name  string
		event client.Event
		want  string
	}{
		{"lines", textMessage("1\n2\n3\n4"), "< 1\n  2\n  … 3 more bytes (/last shows all)\n"},
		{"a long line", textMessage(strings.Repeat("ü", 100)), "< " + strings.Repeat("ü", 80) + "\n  … 40 more bytes (/last shows all)\n"},
		{"JSON", textMessage(`{"a":1,"b":2}`), "< {\n    \"a\": 1,\n  … 6 more bytes (/last shows all)\n"},
		{"a long string", textMessage(`["` + strings.Repeat("x", 200) + `"]`), "< [\n    \"" + strings.Repeat("x", 159) + "\n  … 43 more bytes (/last shows all)\n"},
		{"binary", binaryMessage(strings.Repeat("\xff", 40)),
			"< 00000000  ff ff ff ff ff ff ff ff  ff ff ff ff ff ff ff ff  |................|\n" +
				"  00000010  ff ff ff ff ff ff ff ff  ff ff ff ff ff ff ff ff  |................|\n" +
				"  … 8 more bytes (/last shows all)\n"},
	}
	for _, c := range cases {
		p := &Pretty{Options: Options{Rows: 2}}
		same(t, c.name, shown(t, p, c.event), c.want)
		var all strings.Builder
		if err := p.RenderLast(&all); err != nil {
			t.Fatal(err)
		}
		same(t, c.name+", /last", all.String(), shown(t, &Pretty{Options: Options{Rows: -1}}, c.event))
		if strings.Contains(all.String(), "…") {
			t.Errorf("%s: /last is cut: %q", c.name, all.String())
		}
	}
}

func TestLast(t *testing.T) {
	p := &Pretty{}
	if _, ok := p.Last(); ok {
		t.Error("a last message before the first")
	}
	shown(t, p, textMessage("one"), binaryMessage("two"), sent(textMessage("three")))
	if e, ok := p.Last(); !ok || string(e.Payload) != "two" || e.Type != client.Binary {
		t.Errorf("last is %+v, %v", e, ok)
	}
}

func TestPrettyColours(t *testing.T) {
	p := &Pretty{Options: Options{Theme: NewTheme(true), Sent: true}}
	same(t, "in", shown(t, p, textMessage("a\nb")), "\x1b[36m<\x1b[0m \x1b[36ma\x1b[0m\n  \x1b[36mb\x1b[0m\n")
	same(t, "out", shown(t, p, sent(textMessage("a"))), "\x1b[32m>\x1b[0m \x1b[32ma\x1b[0m\n")
	if got := shown(t, p, textMessage(`{"k":"v"}`)); !strings.Contains(got, p.Theme.Key.Paint(`"k"`)+": "+p.Theme.String.Paint(`"v"`)) {
		t.Errorf("JSON: %q", got)
	}
}

// FuzzPretty checks that no message can pass for anything else: only its first line begins at the margin,
// and no control is left.
func FuzzPretty(f *testing.F) {
	f.Add([]byte("a\nb\x1b[0m"), false)
	f.Add([]byte(`{"a":["x",1,{}],"b":{"c":"\u001b"}}`), false)
	f.Add([]byte("\x00"), true)
	f.Fuzz(func(t *testing.T, payload []byte, isBinary bool) {
		e := textMessage(string(payload))
		if isBinary {
			e.Type = client.Binary
		}
		for _, rows := range []int{1, 3, -1} {
			got := shown(t, &Pretty{Options: Options{Rows: rows}}, e)
			lines := strings.SplitAfter(got, "\n")
			for i, line := range lines[:len(lines)-1] {
				if sign := []string{"< ", indent}[min(i, 1)]; !strings.HasPrefix(line, sign) {
					t.Fatalf("%q: line %d of %q does not begin with %q", payload, i+1, got, sign)
				}
			}
			for _, r := range got {
				if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
					t.Fatalf("%q: U+%04X is left in %q", payload, r, got)
				}
			}
		}
	})
}

// TestPrettyCutsByScreen: what is a little longer than two screens is shown whole; of what is cut the number of rows is shown.
func TestPrettyCutsByScreen(t *testing.T) {
	list := func(n int) client.Event {
		return textMessage("[" + strings.TrimSuffix(strings.Repeat(`{"a":1,"b":2,"c":3},`, n), ",") + "]")
	}
	p := &Pretty{Options: Options{Height: func() int { return 24 }}}
	if text := shown(t, p, list(10)); strings.Contains(text, "more") || !strings.HasSuffix(text, "  ]\n") {
		t.Errorf("ten objects: %s", text)
	}
	if text := shown(t, p, list(20)); !strings.Contains(text, "… 53 more rows, ") || strings.Count(text, "\n") != 49 {
		t.Errorf("twenty objects have %d rows: %s", strings.Count(text, "\n"), text)
	}
	p.Rows = 3
	if text := shown(t, p, textMessage("1\n2\n3\n4\n5\n6")); text != "< 1\n  2\n  3\n  … 2 more rows, 5 bytes (/last shows all)\n" && !strings.Contains(text, "more rows") {
		t.Errorf("six lines: %q", text)
	}
	large := textMessage(`[` + strings.Repeat(`{"name":"value"},`, 700_000) + `{}]`)
	if text := shown(t, p, large); !strings.HasPrefix(text, "< [\n    {\n") {
		t.Errorf("10 MB of JSON: %.40q", text)
	}
}
