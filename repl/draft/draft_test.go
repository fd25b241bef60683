package draft

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wsx/terminal"
)

func TestIncomplete(t *testing.T) {
	for line, want := range map[string]bool{
		"":                  false,
		"hello":             false,
		"say {":             false,
		"{":                 true,
		"  [":               true,
		`{"a": 1`:           true,
		`{"a": 1}`:          false,
		`{"a": [1, 2}`:      false, // cannot be mended
		`{"a": 1]`:          false,
		`{"a": "}`:          true,
		`{"a": "\"}`:        true,
		`{"a": "\\"}`:       false,
		`[1, {"b": [2]}]`:   false,
		`[1, {"b": [2]}`:    true,
		"{\n  \"a\": nope":  true,
		"{nope}":            false,
		`{"a": 1} "`:        true,
		`[12:30] good day`:  false,
		"{\"a\": \"世界\"\n}": false,
	} {
		if got := Incomplete(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestBroken(t *testing.T) {
	for line, want := range map[string]bool{
		`{"a": 1}`:         false,
		`{"a": 1`:          false,
		`{"a": 1]`:         true,
		`{a: 1}`:           true,
		"{'a': 1}":         true,
		` {"a": nope} `:    true,
		`{"a": 1,}`:        true,
		`{"a": 1} {}`:      true,
		`["a" "b"]`:        true,
		`[1 2]`:            true,
		`[[],]`:            true,
		`[]]`:              false,
		`[news]`:           false,
		`[12:30] good day`: false,
		`hello {}`:         false,
		"":                 false,
		"}":                false,
	} {
		if got := Broken(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestReformat(t *testing.T) {
	for _, test := range []struct {
		line, want string
		ok         bool
	}{
		{`{"b":1.0,"a":[1,2],"c":{}}`, "{\n  \"b\": 1.0,\n  \"a\": [\n    1,\n    2\n  ],\n  \"c\": {}\n}", true},
		{"{\n  \"b\": 1.0,\n  \"a\": [1, 2]\n}", `{"b":1.0,"a":[1,2]}`, true},
		{`{"big":123456789012345678901234567890}`, "{\n  \"big\": 123456789012345678901234567890\n}", true},
		{`{"a":`, "", false},
		{`"text"`, "", false},
		{"hello", "", false},
	} {
		got, ok := Reformat(test.line)
		if ok != test.ok || ok && got != test.want {
			t.Errorf("%q: %q, %v", test.line, got, ok)
		}
	}
}

// TestPaint writes the style of each character below the line.
func TestPaint(t *testing.T) {
	styles := Styles{Key: "1", String: "2", Number: "3", Literal: "4", Match: "7", Broken: "9"}
	for _, test := range []struct {
		line   string
		pos    int
		styles string
	}{
		{`{"a": "b", "c": [1, true]}`, -1, `.111..222..111...3..4444..`},
		{`{"a": "b", "c": [1, true]}`, 0, `7111..222..111...3..4444.7`},
		{`{"a": [1]}`, 8, `.111..737.`},
		{`{"a": [1]}`, 9, `7111...3.7`},
		{`{"a": [1]}`, 10, `7111...3.7`},
		{`{"a": nope]`, 11, `.111..99999`},
		{`["a", "b`, 1, `.222..22`},
		{`{"a": {"b": 1`, 7, `.111...111..3`},
		{"hello {}", -1, "........"},
	} {
		got := []byte(strings.Repeat(".", len(test.line)))
		for _, span := range styles.Paint(test.line, test.pos) {
			for i := span.From; i < span.To; i++ {
				got[i] = span.Style[0]
			}
		}
		if string(got) != test.styles {
			t.Errorf("%s with the cursor at %d:\nwant %s\ngot  %s", test.line, test.pos, test.styles, got)
		}
	}
}

func TestVocabulary(t *testing.T) {
	var v Vocabulary
	v.Learn(`{"type": "subscribe", "channel": "btc", "depth": 10, "nested": {"on": true}}`)
	v.Learn(`{"type": "trade", "channel": "eth", "note": "` + strings.Repeat("x", 100) + `"}`)
	v.Learn(`{"type": "trade", "price": 1.5, "cut": "of`)
	v.Learn("type: nothing")
	v.Learn(`{"symbols": ["btc", ["eth"], "ltc"], "list": [{"name": "bob"}]}`)
	v.Learn(`[7, "room:lobby", "phx_join", {}]`)
	for _, test := range []struct {
		before, head string
		want         []string
	}{
		{`{`, `{`, []string{`"name": `, `"list": `, `"symbols": `, `"cut": `, `"price": `, `"type": `, `"note": `, `"channel": `, `"on": `, `"nested": `, `"depth": `}},
		{`{"c`, `{`, []string{`"cut": `, `"channel": `}},
		{`{"type": `, `{"type": `, []string{`"trade"`, `"subscribe"`}},
		{`{"type":"s`, `{"type":`, []string{`"subscribe"`}},
		{`{"depth": 1`, `{"depth": `, []string{`10`}},
		{`{"nested": {"o`, `{"nested": {`, []string{`"on": `}},
		{`{"on": t`, `{"on": `, []string{`true`}},
		{`{"a": 1, "pr`, `{"a": 1, `, []string{`"price": `}},
		{`[{"pr`, `[{`, []string{`"price": `}},
		{`["pr`, `[`, nil},
		{`{"symbols": [`, `{"symbols": [`, []string{`"ltc"`, `"eth"`, `"btc"`}},
		{`{"symbols": ["btc", "e`, `{"symbols": ["btc", `, []string{`"eth"`}},
		{`{"symbols": [["x"], "l`, `{"symbols": [["x"], `, []string{`"ltc"`}},
		{`{"symbols": `, `{"symbols": `, nil},
		{`{"symbols": ["btc" `, `{"symbols": ["btc" `, nil},
		{`{"list": [{"na`, `{"list": [{`, []string{`"name": `}},
		{`{"list": [{"name": `, `{"list": [{"name": `, []string{`"bob"`}},
		{`["ph`, `[`, []string{`"phx_join"`}},
		{`[1, `, `[1, `, []string{`"phx_join"`, `"room:lobby"`, `7`}},
		{`{"type" `, `{"type" `, nil},
		{`{"unknown": `, `{"unknown": `, nil},
		{`{"note": "`, `{"note": `, nil},
	} {
		head, list, ok := v.Complete(test.before)
		if !ok || head != test.head || !slices.Equal(list, test.want) {
			t.Errorf("%s: %q, %q, %v", test.before, head, list, ok)
		}
	}
	for _, before := range []string{"", "hello", `{"type": 1}`, `/send "a`} {
		if _, list, ok := v.Complete(before); ok || list != nil {
			t.Errorf("%s: %q, %v", before, list, ok)
		}
	}
}

func TestVocabularyIsBounded(t *testing.T) {
	var v Vocabulary
	for i := range 3 * maxKeys {
		v.Learn(fmt.Sprintf(`{"same": %d, "key%d": [1]}`, i, i))
	}
	if same := v.values[place{key: "same"}]; len(v.keys) != maxKeys || len(v.values) != 2*maxKeys-1 || len(same) != maxValues {
		t.Errorf("%d keys, %d places, %d values of one", len(v.keys), len(v.values), len(same))
	}
	if _, list, _ := v.Complete(`{"same": `); list[0] != fmt.Sprint(3*maxKeys-1) {
		t.Errorf("the latest value is %s", list[0])
	}
}

// FuzzDraft takes any text: JSON is complete, spans and completions are within the text.
func FuzzDraft(f *testing.F) {
	f.Add(`{"a": [1, true, "b\"`, 3)
	f.Add(`[{"a": nope}, 世界]}`, 0)
	f.Fuzz(func(t *testing.T, line string, pos int) {
		if json.Valid([]byte(line)) && (Incomplete(line) || Broken(line)) {
			t.Errorf("%q is incomplete: %v, broken: %v", line, Incomplete(line), Broken(line))
		}
		for _, span := range (Styles{Key: "1", Match: "2", Broken: "3"}).Paint(line, pos) {
			if span.From < 0 || span.To > len(line) || span.From >= span.To || span.Style == terminal.Style("") {
				t.Errorf("%q: %+v", line, span)
			}
		}
		var v Vocabulary
		v.Learn(line)
		if head, _, _ := v.Complete(line); !strings.HasPrefix(line, head) {
			t.Errorf("%q: head %q", line, head)
		}
		if text, ok := Reformat(line); ok && !json.Valid([]byte(text)) {
			t.Errorf("%q became %q", line, text)
		}
	})
}
