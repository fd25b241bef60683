package script

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

// TestJUnitIsXML reads back what was written, whatever a server sent.
func TestJUnitIsXML(t *testing.T) {
	const name = "<a href=\"x\">&amp; 'b' ]]> \x00\x1b\u0085\ufffe\uffff\xff ü"
	text := clean(name)
	points := []checkpoint{
		{name: text, state: passed, took: time.Second},
		{name: "b", state: failed, reason: text, wanted: text, got: []string{text, "y"}, took: 500 * time.Millisecond},
		{name: "c", state: failed, isError: true, reason: text},
		{name: "d", state: notReached},
	}
	var out strings.Builder
	if err := writeJUnit(&out, points, name); err != nil {
		t.Fatal(err)
	}
	type message struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type suite struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
		Cases    []struct {
			Class   string   `xml:"classname,attr"`
			Name    string   `xml:"name,attr"`
			Time    string   `xml:"time,attr"`
			Failure *message `xml:"failure"`
			Error   *message `xml:"error"`
			Skipped *message `xml:"skipped"`
		} `xml:"testcase"`
	}
	var got struct {
		XMLName xml.Name `xml:"testsuites"`
		suite
		Suite suite `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	for i, s := range []suite{got.suite, got.Suite} {
		if s.Name != text || s.Tests != 4 || s.Failures != 1 || s.Errors != 1 || s.Skipped != i || s.Time != "1.500000" {
			t.Errorf("a suite: %+v", s)
		}
	}
	cases := got.Suite.Cases
	if len(cases) != 4 || cases[0].Name != text || cases[0].Class != text || cases[0].Time != "1.000000" || cases[0].Failure != nil {
		t.Fatalf("cases: %+v", cases)
	}
	wanted := "expected: " + text + "\nreceived: " + text + "\nreceived: y\n"
	if f := cases[1].Failure; f == nil || f.Message != text || f.Text != wanted {
		t.Errorf("failure: %+v", f)
	}
	if e := cases[2].Error; e == nil || e.Message != text {
		t.Errorf("error: %+v", e)
	}
	if s := cases[3].Skipped; s == nil || s.Message != "not reached" {
		t.Errorf("skipped: %+v", s)
	}
}
