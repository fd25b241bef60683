package junit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// report is a report as its readers see it.
type report struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  *int         `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []readSuite  `xml:"testsuite"`
	Others   []xml.Name   `xml:",any"`
	Unknown  []xml.Attr   `xml:",any,attr"`
	Inner    xml.CharData `xml:",chardata"`
}

type readSuite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []readCase `xml:"testcase"`
	Unknown  []xml.Attr `xml:",any,attr"`
}

type readCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Failure *Message   `xml:"failure"`
	Error   *Message   `xml:"error"`
	Skipped *Message   `xml:"skipped"`
	Out     *string    `xml:"system-out"`
	Unknown []xml.Attr `xml:",any,attr"`
}

// written writes suites, and returns the report that a strict parser reads.
func written(t *testing.T, name string, took time.Duration, suites ...*Suite) (report, string) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, name, took, suites...); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := xml.Unmarshal(b.Bytes(), &r); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	return r, b.String()
}

// TestTotals: suites and the report count their cases and how each ended, and have their durations in seconds.
func TestTotals(t *testing.T) {
	first, second, empty := NewSuite("first"), NewSuite("second"), NewSuite("empty")
	first.Add(Case{Class: "c", Name: "passes"}, 1500*time.Millisecond)
	first.Add(Case{Class: "c", Name: "fails", Failure: &Message{Message: "is 1, not 2", Type: "must", Text: "line 1\nline 2"}}, time.Microsecond)
	first.Add(Case{Class: "c", Name: "breaks", Error: &Message{Message: "refused"}}, 0)
	second.Add(Case{Class: "d", Name: "is skipped", Skipped: &Message{Message: "no TLS"}}, 0)
	second.Add(Case{Class: "d", Name: "prints", Out: "warn: slow"}, time.Minute)
	second.Add(Case{Class: "d", Name: "fails too", Failure: &Message{}}, 0)
	r, text := written(t, "all", 2*time.Minute, first, second, empty)

	if !strings.HasPrefix(text, xml.Header) || !strings.HasSuffix(text, "</testsuites>\n") {
		t.Errorf("begins or ends wrongly:\n%s", text)
	}
	if r.Name != "all" || r.Tests != 6 || r.Failures != 2 || r.Errors != 1 || r.Time != "120.000000" {
		t.Errorf("the totals are %+v", r)
	}
	if r.Skipped != nil || len(r.Others)+len(r.Unknown) > 0 || len(bytes.TrimSpace(r.Inner)) > 0 {
		t.Errorf("the schema of Jenkins has no such attribute or element: %+v", r)
	}
	for i, want := range []readSuite{
		{Name: "first", Tests: 3, Failures: 1, Errors: 1, Time: "1.500001"},
		{Name: "second", Tests: 3, Failures: 1, Skipped: 1, Time: "60.000000"},
		{Name: "empty", Time: "0.000000"},
	} {
		got := r.Suites[i]
		if got.Name != want.Name || got.Tests != want.Tests || got.Failures != want.Failures || got.Errors != want.Errors ||
			got.Skipped != want.Skipped || got.Time != want.Time || len(got.Cases) != want.Tests || len(got.Unknown) > 0 {
			t.Errorf("suite %d is %+v, want %+v", i, got, want)
		}
	}
}

// TestCases: each case has its name, its duration and how it ended, and nothing that it has not.
func TestCases(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Case
		took time.Duration
		want readCase
	}{
		{"passed", Case{Class: "c", Name: "n"}, 12345678, readCase{Class: "c", Name: "n", Time: "0.012346"}},
		{"failed", Case{Failure: &Message{"m", "must", "text"}}, 0, readCase{Time: "0.000000", Failure: &Message{"m", "must", "text"}}},
		{"error", Case{Error: &Message{Message: "m"}}, time.Hour, readCase{Time: "3600.000000", Error: &Message{Message: "m"}}},
		{"skipped", Case{Skipped: &Message{Message: "m"}}, 0, readCase{Time: "0.000000", Skipped: &Message{Message: "m"}}},
		{"output", Case{Out: "a\n  b\n"}, 0, readCase{Time: "0.000000", Out: pointer("a\n  b\n")}},
		{"own duration", Case{Seconds: "7"}, 0, readCase{Time: "0.000000"}},
	} {
		s := NewSuite("s")
		s.Add(c.in, c.took)
		r, text := written(t, "all", 0, s)
		got := r.Suites[0].Cases[0]
		if got.Class != c.want.Class || got.Name != c.want.Name || got.Time != c.want.Time || len(got.Unknown) > 0 {
			t.Errorf("%s: %+v", c.name, got)
		}
		if !same(got.Failure, c.want.Failure) || !same(got.Error, c.want.Error) || !same(got.Skipped, c.want.Skipped) || !same(got.Out, c.want.Out) {
			t.Errorf("%s is written as\n%s", c.name, text)
		}
		if c.in.Failure == nil && strings.Contains(text, " type=") {
			t.Errorf("%s: there is a type that was not given:\n%s", c.name, text)
		}
	}
}

func pointer[T any](v T) *T { return &v }

// same reports whether both are nil, or both point to the same value.
func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// TestCharacters: every text can be written, in names, messages and contents. A character that XML 1.0 cannot carry (section 2.2)
// is replaced by U+FFFD, and so is each byte that is not UTF-8; all others arrive.
func TestCharacters(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<a href="x">&amp; 'b'</a> ]]>`, `<a href="x">&amp; 'b'</a> ]]>`},
		{"tab\tline\nreturn\r", "tab\tline\nreturn\r"},
		{"  spaces  ", "  spaces  "},
		{"é 世界 \U0001f600 \u2028\u00a0", "é 世界 \U0001f600 \u2028\u00a0"},
		{"\x00\x01\x08\x0b\x0c\x0e\x1b[2J\x1f", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd[2J\ufffd"},
		{"\x7f\u0085", "\x7f\u0085"},
		{"\ufffe\uffff\ufffd", "\ufffd\ufffd\ufffd"},
		{"a\xffb\xc3(\xed\xa0\x80", "a\ufffdb\ufffd(\ufffd\ufffd\ufffd"},
		{"<!-- --> <?xml?> <![CDATA[ x ]]>", "<!-- --> <?xml?> <![CDATA[ x ]]>"},
	} {
		s := NewSuite(c.in)
		s.Add(Case{Class: c.in, Name: c.in, Failure: &Message{c.in, c.in, c.in}, Out: c.in}, 0)
		r, text := written(t, c.in, 0, s)
		read := r.Suites[0].Cases[0]
		if read.Failure == nil || read.Out == nil {
			t.Fatalf("%q is written as\n%s", c.in, text)
		}
		all := []string{r.Name, r.Suites[0].Name, read.Class, read.Name, read.Failure.Message, read.Failure.Type, read.Failure.Text, *read.Out}
		if i := slices.IndexFunc(all, func(got string) bool { return got != c.want }); i >= 0 {
			t.Errorf("%q: text %d is read as %q, want %q", c.in, i, all[i], c.want)
		}
	}
}

// failingWriter fails after some bytes.
type failingWriter struct{ left int }

var errFull = errors.New("no space left")

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriteErrors: an error of the writer is returned, wherever it occurs.
func TestWriteErrors(t *testing.T) {
	s := NewSuite("s")
	s.Add(Case{Class: "c", Name: "n"}, 0)
	_, text := written(t, "all", 0, s)
	for room := range len(text) {
		if err := Write(&failingWriter{room}, "all", 0, s); !errors.Is(err, errFull) {
			t.Errorf("with room for %d of %d bytes: %v", room, len(text), err)
		}
	}
	if err := Write(&failingWriter{len(text)}, "all", 0, s); err != nil {
		t.Error(err)
	}
}
