package script

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The elements of JUnit XML, as Jenkins, GitLab and others read it.
type (
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		totals
		Suite suite `xml:"testsuite"`
	}
	suite struct {
		totals
		Cases []testcase `xml:"testcase"`
	}
	totals struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"` // seconds
	}
	testcase struct {
		Class   string  `xml:"classname,attr"`
		Name    string  `xml:"name,attr"`
		Time    string  `xml:"time,attr"` // seconds
		Failure *defect `xml:"failure"`
		Error   *defect `xml:"error"`
		Skipped *defect `xml:"skipped"`
	}
	defect struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes JUnit XML: a run is a suite, each line a case.
func writeJUnit(w io.Writer, points []point, file string) error {
	file = clean(file)
	sums := totals{Name: file, Tests: len(points)}
	var all time.Duration
	var cases []testcase
	for _, p := range points {
		one := testcase{Class: file, Name: p.name, Time: seconds(p.took)}
		all += p.took
		switch {
		case p.state == notReached:
			one.Skipped = &defect{Message: "not reached"}
			sums.Skipped++
		case p.state == failed && p.broken:
			one.Error = &defect{Message: p.reason}
			sums.Errors++
		case p.state == failed:
			one.Failure = &defect{Message: p.reason, Text: diagnosis(p)}
			sums.Failures++
		}
		cases = append(cases, one)
	}
	sums.Time = seconds(all)
	text, err := xml.MarshalIndent(suites{totals: sums, Suite: suite{sums, cases}}, "", "  ")
	if err == nil {
		_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	}
	return err
}

// diagnosis is what was wanted and what came, for people.
func diagnosis(p point) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wanted: %s\n", p.wanted)
	for _, text := range p.came {
		fmt.Fprintf(&b, "came: %s\n", text)
	}
	return b.String()
}

// seconds is a duration as JUnit has it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
