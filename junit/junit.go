// Package junit writes reports of tests as JUnit XML, which Jenkins, GitLab and others read.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// totals are the attributes that a suite and the list of suites have in common.
type totals struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Seconds  string `xml:"time,attr"`
}

// Suite is a group of cases.
type Suite struct {
	totals
	Skipped int    `xml:"skipped,attr"`
	Cases   []Case `xml:"testcase"`

	took time.Duration
}

// Case is a test. It passed if it has no failure, no error, and was not skipped.
type Case struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Seconds string   `xml:"time,attr"` // set by Add
	Failure *Message `xml:"failure"`
	Error   *Message `xml:"error"`
	Skipped *Message `xml:"skipped"`
	Out     string   `xml:"system-out,omitempty"`
}

// Message is the reason why a case did not pass.
type Message struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// NewSuite returns a suite without cases.
func NewSuite(name string) *Suite { return &Suite{totals: totals{Name: name}} }

// Add adds a case and its duration.
func (s *Suite) Add(c Case, took time.Duration) {
	c.Seconds = seconds(took)
	s.Cases = append(s.Cases, c)
	s.took += took
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// Write writes a report of suites with their totals; name and took are those of the whole run. The schema of Jenkins has no total of
// skipped cases for all suites.
func Write(w io.Writer, name string, took time.Duration, suites ...*Suite) error {
	all := struct {
		XMLName xml.Name `xml:"testsuites"`
		totals
		Suites []*Suite `xml:"testsuite"`
	}{totals: totals{Name: name, Seconds: seconds(took)}, Suites: suites}
	for _, s := range suites {
		s.Seconds = seconds(s.took)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
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

// seconds returns a duration in the format of JUnit.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
