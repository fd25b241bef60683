package script

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The elements of JUnit XML, as Jenkins, GitLab and others read it. Schemas of it know no sum of what was skipped but
// that of a suite.
type (
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		totals
		Suite suite `xml:"testsuite"`
	}
	suite struct {
		totals
		Skipped int        `xml:"skipped,attr"`
		Cases   []testcase `xml:"testcase"`
	}
	totals struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
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
	lines := suite{totals: totals{Name: file, Tests: len(points)}}
	var all time.Duration
	for _, p := range points {
		one := testcase{Class: file, Name: p.name, Time: seconds(p.took)}
		all += p.took
		switch {
		case p.state == notReached:
			one.Skipped = &defect{Message: "not reached"}
			lines.Skipped++
		case p.state == failed && p.broken:
			one.Error = &defect{Message: p.reason}
			lines.Errors++
		case p.state == failed:
			one.Failure = &defect{Message: p.reason, Text: diagnosis(p)}
			lines.Failures++
		}
		lines.Cases = append(lines.Cases, one)
	}
	lines.Time = seconds(all)
	text, err := xml.MarshalIndent(suites{totals: lines.totals, Suite: lines}, "", "  ")
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
