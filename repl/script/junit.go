package script

import (
	"fmt"
	"io"
	"strings"
	"text/template"
	"time"
)

// writeJUnit writes JUnit XML, as Jenkins, GitLab and others read it: a run is a suite, each line a case. Schemas
// of it know no sum of what was skipped but that of a suite.
func writeJUnit(w io.Writer, points []checkpoint, file string) error {
	file = attribute(clean(file))
	var cases strings.Builder
	var failures, errors, skipped int
	var all time.Duration
	for _, p := range points {
		all += p.took
		switch {
		case p.state == notReached:
			skipped++
		case p.state == failed && p.broken:
			errors++
		case p.state == failed:
			failures++
		}
		fmt.Fprintf(&cases, "    <testcase classname=%s name=%s time=%q>%s</testcase>\n", file, attribute(p.name), seconds(p.took), outcome(p))
	}
	sums := fmt.Sprintf(`name=%s tests="%d" failures="%d" errors="%d" time=%q`, file, len(points), failures, errors, seconds(all))
	_, err := fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<testsuites %s>
  <testsuite %s skipped="%d">
%s  </testsuite>
</testsuites>
`, sums, sums, skipped, &cases)
	return err
}

// outcome is the element that says why a case did not pass; "" = it did.
func outcome(p checkpoint) string {
	switch {
	case p.state == notReached:
		return `<skipped message="not reached"></skipped>`
	case p.state == failed && p.broken:
		return `<error message=` + attribute(p.reason) + `></error>`
	case p.state == failed:
		return `<failure message=` + attribute(p.reason) + `>` + template.HTMLEscapeString(diagnosis(p)) + `</failure>`
	}
	return ""
}

// attribute is a text that is fit for a screen, and so has no character that XML lacks, as the value of an attribute.
func attribute(text string) string { return `"` + template.HTMLEscapeString(text) + `"` }

// diagnosis is what was wanted and what came, for people.
func diagnosis(p checkpoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wanted: %s\n", p.wanted)
	for _, text := range p.came {
		fmt.Fprintf(&b, "came: %s\n", text)
	}
	return b.String()
}

// seconds is a duration as JUnit has it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
