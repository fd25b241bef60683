package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"wsx/check"
)

// JUnit writes a report as JUnit XML: a suite a group. What is known from the baseline, what is inconclusive and what was
// skipped is skipped; what was right, but not as wanted, passes and says so.
func JUnit(w io.Writer, r *check.Report, url string) error {
	all := suites{Name: "wsx check " + url, Seconds: seconds(r.Seconds)}
	for _, f := range r.Findings {
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != f.Group() {
			all.Suites = append(all.Suites, suite{Name: f.Group()})
		}
		all.Suites[len(all.Suites)-1].add(f)
	}
	if r.Down != "" {
		last := suite{Name: "server", Tests: 1, Failures: 1}
		last.Cases = []testcase{{Name: "up", Class: "server", Seconds: seconds(0), Failure: &outcome{Message: "down after " + r.Down, Type: "down"}}}
		all.Suites = append(all.Suites, last)
	}
	for _, s := range all.Suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Skipped += s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Seconds  string   `xml:"time,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testcase `xml:"testcase"`
}

type testcase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Seconds string   `xml:"time,attr"`
	Failure *outcome `xml:"failure,omitempty"`
	Skipped *outcome `xml:"skipped,omitempty"`
	Out     string   `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr,omitempty"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (s *suite) add(f check.Finding) {
	_, name, _ := strings.Cut(f.ID, "/")
	c := testcase{Name: name, Class: f.Group(), Seconds: seconds(f.Seconds)}
	switch {
	case f.Verdict == check.Fail && !f.Known:
		s.Failures++
		c.Failure = &outcome{Message: fmt.Sprintf("wanted %s, came %s", f.Wanted, f.Came), Type: string(f.Severity), Text: details(f)}
	case f.Verdict == check.Warn:
		c.Out = "warn: " + f.Came
	case f.Verdict != check.Pass:
		s.Skipped++
		c.Skipped = &outcome{Message: string(f.Verdict) + ": " + f.Came}
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}

// details is a finding in lines.
func details(f check.Finding) string {
	return fmt.Sprintf("%s (%s, %s)\nsent: %s\nwanted: %s\ncame: %s\nagain: %s\n", f.Title, f.Severity, f.Clause, f.Sent, f.Wanted, f.Came, f.Again)
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
