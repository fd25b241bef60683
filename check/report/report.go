// Package report writes the results of a run of checks as text, JSON, JUnit XML, SARIF and HTML.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wsx/check"
)

// Text writes a report during the run: a line for each group, then the findings, then the summary.
type Text struct {
	W         io.Writer
	Clean     func(string) string                       // makes text of the server safe to show
	Paint     func(v check.Verdict, text string) string // colours text about a verdict; nil = no colours
	Frames    func(f check.Finding) string              // returns the frames of a finding as text; nil = they are not shown
	URL       string                                    // without secrets
	nameWidth int                                       // length of the longest name of a group
}

// Begin writes what is tested, and the results of calibration. groups are the names of all groups.
func (t *Text) Begin(s *check.Server, groups []string) error {
	for _, g := range groups {
		t.nameWidth = max(t.nameWidth, len(g))
	}
	_, err := fmt.Fprintf(t.W, "%s over %s: %s\n", t.Clean(t.URL), s.Options.HTTP, Facts(s))
	return err
}

// Facts returns the results of calibration in words.
func Facts(s *check.Server) string {
	words := []string{}
	switch f := s.Facts; {
	case f.Broken != nil:
		return "the opening handshake is invalid, so only the handshake can be tested"
	case f.EchoText && f.EchoBinary:
		words = append(words, "it echoes")
	case f.EchoText:
		words = append(words, "it echoes text")
	case f.EchoBinary:
		words = append(words, "it echoes binary messages")
	case !f.Pongs:
		words = append(words, "it does not echo and does not answer pings")
	default:
		words = append(words, "it does not echo")
	}
	if s.Facts.Pongs {
		words = append(words, "a pong takes "+s.Facts.RTT.Round(10*time.Microsecond).String())
	}
	if s.Facts.Deflate != nil {
		words = append(words, "permessage-deflate is negotiated")
	}
	switch {
	case s.Facts.ClosesFirst != 0:
		words = append(words, fmt.Sprintf("it sends Close %d before it has received a message: most checks need a login, credentials or another path", s.Facts.ClosesFirst))
	case s.Facts.Closes != 0:
		words = append(words, fmt.Sprintf("the application sends Close %d for messages that it does not understand%s", s.Facts.Closes, needsCarrier(s)))
	}
	if s.Facts.Drops {
		words = append(words, "the application drops the connection for messages that it does not understand"+needsCarrier(s))
	}
	return strings.Join(words, ", ")
}

// needsCarrier returns the hint that checks need a carrier message; "" = one is given.
func needsCarrier(s *check.Server) string {
	if s.Carrier != "" {
		return ""
	}
	return ": some checks need a carrier message, one that it accepts"
}

// Group writes the line of a group.
func (t *Text) Group(name string, findings []check.Finding) error {
	var counts []string
	for _, v := range check.Verdicts() {
		if n := check.CountFunc(findings, func(f check.Finding) bool { return f.Verdict == v }); n > 0 {
			counts = append(counts, t.paint(v, fmt.Sprintf("%3d %s", n, v)))
		}
	}
	_, err := fmt.Fprintf(t.W, "  %-*s  %s\n", t.nameWidth, name, strings.Join(counts, " "))
	return err
}

func (t *Text) paint(v check.Verdict, text string) string {
	if t.Paint == nil {
		return text
	}
	return t.Paint(v, text)
}

// End writes the findings and the summary.
func (t *Text) End(r *check.Report) error {
	var b strings.Builder
	for _, f := range notable(r.Findings) {
		t.finding(&b, f)
	}
	fmt.Fprintf(&b, "\n%s\n", Sum(r))
	_, err := io.WriteString(t.W, b.String())
	return err
}

// notable returns the findings to show, the most severe first.
func notable(findings []check.Finding) []check.Finding {
	verdicts := []check.Verdict{check.Fail, check.Warn, check.Inconclusive}
	severities := []check.Severity{check.Must, check.Security, check.Should, check.Info}
	shown := slices.DeleteFunc(slices.Clone(findings), func(f check.Finding) bool { return !slices.Contains(verdicts, f.Verdict) })
	slices.SortStableFunc(shown, func(a, b check.Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(verdicts, a.Verdict), slices.Index(verdicts, b.Verdict)),
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)))
	})
	return shown
}

func (t *Text) finding(b *strings.Builder, f check.Finding) {
	word := string(f.Verdict)
	if f.Known {
		word += " (known)"
	}
	fmt.Fprintf(b, "\n%s %s: %s, %s\n", t.paint(f.Verdict, word), f.ID, f.Severity, f.Clause)
	for _, line := range []struct{ name, text string }{{"rule", f.Title}, {"sent", f.Sent}, {"expected", f.Expected}, {"received", f.Received}, {"repeat", f.RepeatCommand}} {
		fmt.Fprintf(b, "  %-8s  %s\n", line.name, t.Clean(line.text))
	}
	if t.Frames != nil {
		b.WriteString(t.Frames(f))
	}
}

// Sum returns a summary of a run in one line.
func Sum(r *check.Report) string {
	var words []string
	for _, v := range check.Verdicts() {
		words = append(words, fmt.Sprintf("%d %s", r.Count(v), v))
	}
	text := fmt.Sprintf("%s in %.1fs", strings.Join(words, ", "), r.Seconds)
	if r.Down != "" {
		text += "; DOWN after " + r.Down
	}
	if r.Stopped != nil {
		text += "; stopped early: " + r.Stopped.Error()
	}
	return text
}
