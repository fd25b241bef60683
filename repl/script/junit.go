package script

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// junitSums are the attributes that a suite and the list of suites have in common.
type junitSums struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Seconds  string `xml:"time,attr"`
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	junitSums
	Suite junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	junitSums
	Skipped int         `xml:"skipped,attr"`
	Cases   []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Seconds string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes JUnit XML, as Jenkins, GitLab and others read it: a run is a suite, each line a case. Only a suite has a
// sum of what was skipped.
func writeJUnit(w io.Writer, points []checkpoint, file string) error {
	file = clean(file)
	suite := junitSuite{junitSums: junitSums{Name: file, Tests: len(points)}}
	var all time.Duration
	for _, p := range points {
		all += p.took
		suite.add(p, file)
	}
	suite.Seconds = seconds(all)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(junitSuites{junitSums: suite.junitSums, Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add adds the case of a line.
func (s *junitSuite) add(p checkpoint, file string) {
	c := junitCase{Class: file, Name: p.name, Seconds: seconds(p.took)}
	switch {
	case p.state == notReached:
		s.Skipped++
		c.Skipped = &junitMessage{Message: "not reached"}
	case p.state == failed && p.broken:
		s.Errors++
		c.Error = &junitMessage{Message: p.reason}
	case p.state == failed:
		s.Failures++
		c.Failure = &junitMessage{Message: p.reason, Text: diagnosis(p)}
	}
	s.Cases = append(s.Cases, c)
}

// diagnosis returns what was wanted and what was received.
func diagnosis(p checkpoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wanted: %s\n", p.wanted)
	for _, text := range p.instead {
		fmt.Fprintf(&b, "came: %s\n", text)
	}
	return b.String()
}

// seconds returns a duration as JUnit has it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
