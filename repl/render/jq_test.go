package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"wsx/client"
	"wsx/jq"
)

func query(t testing.TB, expression string) *Query {
	t.Helper()
	q, err := NewQuery(expression)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestJQ(t *testing.T) {
	cases := []struct {
		name  string
		query string
		jq    JQ
		event client.Event
		want  string
		note  string
	}{
		{"a member", ".id", JQ{}, textMessage(`{"id":7}`), "7\n", ""},
		{"a member of a member", ".a.b", JQ{}, textMessage(`{"a":{"b":[1, 2]}}`), "[1,2]\n", ""},
		{"nothing there", ".a.b", JQ{}, textMessage(`{}`), "null\n", ""},
		{"all of it", ".", JQ{}, textMessage(`{"a": "x\u0041"}`), "{\"a\":\"xA\"}\n", ""},
		{"every digit", ".id", JQ{}, textMessage(`{"id":12345678901234567890}`), "12345678901234567890\n", ""},
		{"several results", ".[]", JQ{}, textMessage(`[1,"two",null]`), "1\n\"two\"\nnull\n", ""},
		{"no result", "empty", JQ{}, textMessage(`1`), "", ""},
		{"several values", ".a", JQ{}, textMessage("{\"a\":1}\n{\"a\":2}\n"), "1\n2\n", ""},
		{"raw strings", ".[]", JQ{Raw: true}, textMessage(`["two","\u001b"]`), "two\n\x1b\n", ""},
		{"NUL", ".[]", JQ{Zero: true}, textMessage(`[1,2]`), "1\x002\x00", ""},
		{"binary", ".a", JQ{}, binaryMessage(`{"a":1}`), "1\n", ""},
		{"what was sent", ".", JQ{}, sent(textMessage(`1`)), "", ""},
		{"a terminal", ".", JQ{Terminal: true}, textMessage(`{"a":"\u009b"}`), "{\n  \"a\": \"\\u009b\"\n}\n", ""},
		{"a terminal, raw", ".[0]", JQ{Terminal: true, Raw: true}, textMessage(`["\u001b[2J"]`), "\\x1b[2J\n", ""},
		{"not JSON", ".", JQ{}, textMessage("hello\x1b"), "", "* jq: not JSON: hello\\x1b\n"},
		{"not JSON, long", ".", JQ{}, textMessage(strings.Repeat("ü", 150)), "", "* jq: not JSON: " + strings.Repeat("ü", 100) + "… 100 more bytes\n"},
		{"nothing", ".", JQ{}, textMessage(""), "", "* jq: not JSON: \n"},
		{"binary, not JSON", ".", JQ{}, binaryMessage("\x00\x01"), "", "* jq: not JSON: a binary message of 2 bytes\n"},
		{"a failure", ".a", JQ{}, textMessage("[1]"), "", "* jq: expected an object but got: array ([1]): [1]\n"},
		{"a failure after a result", ".[]|1/.", JQ{}, textMessage("[1,0]"), "1\n", "* jq: cannot divide number (1) by: number (0): [1,0]\n"},
		{"halt", "1,halt,2", JQ{}, textMessage("0"), "1\n", ""},
	}
	for _, c := range cases {
		var notes bytes.Buffer
		c.jq.Query, c.jq.Notes = query(t, c.query), &notes
		same(t, c.name, shown(t, &c.jq, fragments(c.event, 3)...), c.want)
		same(t, c.name+", note", notes.String(), c.note)
	}
}

func TestInvalidQuery(t *testing.T) {
	for expression, want := range map[string]string{
		".foo | ]":     `jq ".foo | ]": unexpected token "]" at column 8`,
		"ü | foo(1)":   `jq "ü | foo(1)": unexpected token "ü" at column 1`,
		".a | foo(1)":  `jq ".a | foo(1)": function not defined: foo/1 at column 6`,
		". as $x | $y": `jq ". as $x | $y": variable not defined: $y at column 11`,
		".a |":         `jq ".a |": unexpected EOF at column 5`,
	} {
		_, err := NewQuery(expression)
		var invalid *FormatError
		if !errors.As(err, &invalid) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestPickIsResultOfQuery(t *testing.T) {
	for _, expression := range []string{".", ".a", ".a.b", ".a.b.c", `.["a"]`, ".a?", ".[0]", ".a[]?", ".a | .b"} {
		q := query(t, expression)
		for _, message := range []string{`{"a":1}`, `{"a":{"b":{"c":[1]}}}`, `[1]`, `null`, `"x"`, `{"a":null}`} {
			results := func(q *Query) (all []any, err error) {
				parser := jq.TextValues(message)
				value, err := parser.Next()
				if err != nil {
					t.Fatal(err)
				}
				err = q.each(jq.NewGuard(t.Context(), 0, 0), value, func(r any) error { all = append(all, r); return nil })
				return all, err
			}
			got, err := results(q)
			want, wantErr := results(&Query{code: q.code})
			if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) {
				t.Errorf("%s of %s: %v, %v; want %v, %v", expression, message, got, err, want, wantErr)
			}
		}
	}
}

func TestMatch(t *testing.T) {
	q := query(t, `.type == "done"`)
	for message, want := range map[string]bool{
		`{"type":"done"}`: true, `{"type":"more"}`: false, `{}`: false, `done`: false, `[]`: false,
		"{}\n{\"type\":\"done\"}": true,
	} {
		if got := q.Match(t.Context(), []byte(message)); got != want {
			t.Errorf("%s: %v, want %v", message, got, want)
		}
	}
}

// FuzzValues checks that JSON is read as encoding/json reads it.
func FuzzValues(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2.5e+3,true,false,null,"x\u00e9\ud83d\ude00\ud800\n"],"a":{}}`))
	f.Add([]byte(`[01]`))
	f.Add([]byte("\"\xff\""))
	f.Fuzz(func(t *testing.T, text []byte) {
		parser := jq.TextValues(string(text))
		got, err := parser.Next()
		if err == nil && parser.More() {
			err = jq.ErrNotJSON
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var want any
		wantErr := decoder.Decode(&want)
		if !json.Valid(text) {
			wantErr = jq.ErrNotJSON
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, want %v", text, err, wantErr)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %#v, want %#v", text, got, want)
		}
	})
}

func BenchmarkJQ(b *testing.B) {
	for _, expression := range []string{".id", `select(.side == "buy") | .price`} {
		b.Run(expression, func(b *testing.B) { benchmarkReceive(b, &JQ{Query: query(b, expression)}, shortJSON) })
	}
}

func BenchmarkValues(b *testing.B) {
	for b.Loop() {
		parser := jq.TextValues(shortJSON)
		parser.Next()
	}
}

// TestJQBounds: a message whose values or results would take too much is refused with a note, and so is a query that does not
// end when it is interrupted.
func TestJQBounds(t *testing.T) {
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		expression, message, out, note string
		ctx                            context.Context
	}{
		{".", "[" + strings.Repeat("1,", 1<<16) + "1]", "", "too complex to be shown, 65538 values", nil},
		{".", "[" + strings.Repeat("{},", 14_000) + "1]", "", "too complex to be shown, 28002 values", nil},
		{"[.[]] | .[]", "[" + strings.Repeat("1,", 100) + "1]", strings.Repeat("1\n", 101), "", nil},
		{"while(true; .)", `"text"`, "", "longer than 8 times the largest message", nil},
		{"1, (def f: f; f)", "1", "", "interrupted", interrupted},
		{"[range(1e12)]", "1", "", "the query is too complex: it needs more than 3 times the memory of the largest message", nil},
		{`"a" * 1e9`, "1", "", "the query is too complex: it needs more than 3 times the memory of the largest message", nil},
		{"[repeat(1)]", "1", "", "too complex", nil},
		{"reduce range(100) as $i (.; . + .)", `"text"`, "", "too complex", nil},
		{"reduce range(100) as $i (.; [., .])", "1", "", "longer than 8 times the largest message", nil},
	} {
		var out, notes bytes.Buffer
		j := &JQ{Query: query(t, c.expression), Notes: &notes, MaxMessage: 1024}
		if c.ctx != nil {
			j.Context = func() context.Context { return c.ctx }
		}
		e := client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte(c.message)}
		if err := j.Render(&out, e); err != nil {
			t.Fatal(err)
		}
		if out.String() != c.out || !strings.Contains(notes.String(), c.note) || c.note == "" && notes.Len() > 0 {
			t.Errorf("%s: %.80q, note %.200q", c.expression, out.String(), notes.String())
		}
	}
}

// TestJQValues: values of a message may be separated as records, and follow a byte order mark; what is not JSON to its end is not.
func TestJQValues(t *testing.T) {
	for message, want := range map[string]string{
		"{\"a\":1}\x1e{\"a\":2}\x1e": "1\n2\n",
		"\x1e{\"a\":1}\n":            "1\n",
		"\ufeff{\"a\":1}":            "1\n",
		"{\"a\":1} {\"a\":2}":        "1\n2\n",
		"{\"a\":1} oops":             "",
		"{\"a\":1}{\"a\":":           "",
	} {
		var out, notes bytes.Buffer
		j := &JQ{Query: query(t, ".a"), Notes: &notes}
		e := client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte(message)}
		if err := j.Render(&out, e); err != nil {
			t.Fatal(err)
		}
		if out.String() != want || (want == "") != strings.Contains(notes.String(), "not JSON") {
			t.Errorf("%q: %q, note %q", message, out.String(), notes.String())
		}
	}
}
