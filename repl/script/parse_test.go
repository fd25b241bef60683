package script

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ script, reason, hint string }{
		{"ok\n\n# comment\n< (", "test.wsx: line 4: error parsing regexp: missing closing ): `(`", ""},
		{"<jq .a +", "jq \".a +\"", ""},
		{"<jq nosuch", "function not defined: nosuch/0 at column 1", ""},
		{"<soon ok", "<soon: expected < REGEX", "put > and a space before a line to send it"},
		{"<message>", "<message>: expected < REGEX", "put > and a space before a line to send it"},
		{"<-1s ok", "<-1s: expected < REGEX", ""},
		{"<jq,2 .a |", "jq", ""},
		{"<close 1", "from 1000 to 4999", ""},
		{"<close soon", "from 1000 to 4999", ""},
		{">wait", `"" is not a duration`, ""},
		{">wait -1s", `"-1s" is not a duration`, ""},
		{">wait NaN", `"NaN" is not a duration`, ""},
		{">hello", ">hello: expected >wait D, >json STRING or > TEXT", "> and a space"},
		{"/nosuch", "unknown command /nosuch", ""},
		{"${id}", "no line before this one captures ${id}", "$${id} is sent as ${id}"},
		{"< (?P<id>.)${id}", "no line before this one captures ${id}", ""},
		{"< (?P<id>.)\n< ${id}(", "line 2: error parsing regexp", ""},
		{"a\n\xff", "line 2: not UTF-8", "/hex"},
	} {
		_, err := Parse(strings.NewReader(c.script), Options{Name: "test.wsx", Command: known})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.reason) || !strings.Contains(syntax.HintText(), c.hint) {
			t.Errorf("%q: %v (%s)\nwanted: %s (%s)", c.script, err, syntax.HintText(), c.reason, c.hint)
		}
	}
}

func TestSteps(t *testing.T) {
	const written = "\ufeffa\r\n\n   \n#b\n > c\n> \n>\n>wait 1.5\n>wait 20ms\n<\n<2s\n<2,jq .a\n<jq,0 .a\n< $${x} ${y.z} $\nlast"
	s, err := Parse(strings.NewReader(written), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		number int
		verb   verb
		text   string // or of what is expected
		time   time.Duration
	}{
		{1, send, "a", 0},
		{5, send, " > c", 0},
		{6, send, "", 0},
		{7, send, "", 0},
		{8, wait, "", 1500 * time.Millisecond},
		{9, wait, "", 20 * time.Millisecond},
		{10, expect, "", -1},
		{11, expect, "", 2 * time.Second},
		{12, expect, ".a", 2 * time.Second},
		{13, expect, ".a", 0},
		{14, expect, "${x} ${y.z} $", -1},
		{15, send, "last", 0},
	}
	if len(s.steps) != len(want) {
		t.Fatalf("%d steps, wanted %d: %+v", len(s.steps), len(want), s.steps)
	}
	for i, w := range want {
		got := s.steps[i]
		text, time := got.text, got.pause
		if got.verb == expect {
			text, time = got.wanted.pattern, got.wanted.timeout
		}
		if got.number != w.number || got.verb != w.verb || text.fill(nil, literal) != w.text || time != w.time {
			t.Errorf("step %d is %+v, wanted %+v", i, got, w)
		}
	}
}

// TestNestedExpression fills holes where strings and expressions stand in each other.
func TestNestedExpression(t *testing.T) {
	for _, c := range []struct{ expression, message string }{
		{`. == ${n}`, `7`},
		{`. == "${n}"`, `"7"`},
		{`. == "a\(${n} + 1)b${n}"`, `"a8b7"`},
		{`. == "\(("(" | length) + ${n})\"${n}"`, `"8\"7"`},
		{`. == "\("x${n}" + ")")${n}"`, `"x7)7"`},
		{`(. | test("^${n}$"))`, `"7"`},
	} {
		e := expectation{form: byQuery, pattern: parseText(c.expression)}
		match, err := e.matcher(map[string]string{"n": "7"})
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if _, ok := match(t.Context(), Received{Data: []byte(c.message)}); !ok {
			t.Errorf("%s is not true for %s", c.expression, c.message)
		}
	}
}

// FuzzParse parses arbitrary text as a script, and matches a message against what it expects.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"hello\n< ^h(?P<rest>.*)\n${rest}\n<jq,2s .a == \"${rest}\"\n>wait 1s\n<close 1000\n/ping x", "<jq \"\\(", "$${x}\n<,,", "> \n<0",
	} {
		f.Add(seed, "hello")
	}
	f.Fuzz(func(t *testing.T, written, message string) {
		s, err := Parse(strings.NewReader(written), Options{Name: "test.wsx"})
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Number < 1 {
				t.Errorf("%q: %v has no position", written, err)
			}
			return
		}
		captured := map[string]string{}
		for _, step := range s.steps {
			if step.text.fill(captured, literal); step.verb != expect || len(written) > 1000 {
				continue
			}
			if match, err := step.wanted.matcher(captured); err == nil && step.wanted.form == byRegexp {
				found, _ := match(t.Context(), Received{Data: []byte(message)})
				maps.Copy(captured, found)
			}
		}
	})
}

// FuzzCapture checks that a captured value is inserted literally, whatever characters it has.
func FuzzCapture(f *testing.F) {
	for _, seed := range []string{"7", `") | true | ("`, `\(1)`, "$x", "a\nb", "${c}", "1e3", "-0", ".*", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, capture string) {
		if !utf8.ValidString(capture) {
			return
		}
		message, _ := json.Marshal(capture)
		var number json.Number
		isNumber := json.Unmarshal([]byte(capture), &number) == nil && string(number) == capture
		for _, c := range []struct {
			line  string
			data  []byte
			match bool
		}{
			{`<jq . == "${c}"`, message, true},
			{`<jq . == "-\(.)" or "-\(.)" == "-${c}"`, message, true},
			{`<jq . != ${c}`, message, isNumber},
			{`< ^${c}$`, []byte(capture), true},
			{`< ^${c}$`, []byte(capture + "x"), false},
		} {
			p := parser{captured: map[string]string{"c": sample}}
			e, err := p.expectation(c.line)
			if err != nil {
				t.Fatal(err)
			}
			match, err := e.matcher(map[string]string{"c": capture})
			if err != nil {
				t.Fatalf("%s with %q: %v", c.line, capture, err)
			}
			if _, ok := match(t.Context(), Received{Data: c.data}); ok != c.match {
				t.Errorf("%s with %q: %v, wanted %v", c.line, capture, ok, c.match)
			}
		}
	})
}
