package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteTable writes the report as text of at most 25 lines.
func (r *Report) WriteTable(w io.Writer, objectives []Objective) error {
	var text strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&text, "%s, %s\n", r.Scenario+" "+r.URL, r.model())
	row("connections", "%s", r.connections())
	row("measured", "%.3g s%s", r.Seconds, textIf(r.Interrupted, ", interrupted"))
	r.counts(row)
	fmt.Fprintf(&text, "%-12s %9s %9s %9s %9s %9s\n", "", "p50", "p90", "p99", "p99.9", "max")
	r.times(&text)
	if r.Unanswered > 0 {
		row("unanswered", "%s: they count in the latency with the time they had waited", formatCount(r.Unanswered))
	}
	row("errors", "%s", r.errors())
	if r.Model == "open" {
		row("sent late", "p99 %s, max %s%s", formatTime(r.Late.P99), formatTime(r.Late.Max), textIf(r.LateClient(), ": much of the latency is due to this machine"))
	}
	row("client CPU", "%.3f s user, %.3f s system, %.0f %%%s", r.CPU.User, r.CPU.System, 100*r.CPU.Share, textIf(r.ClientLimit(), ": the client is the limit"))
	for _, line := range r.found(objectives) {
		text.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// model returns the text about how messages were sent and replies paired.
func (r *Report) model() string {
	words := map[string]string{
		"open":   "open model at " + formatRate(r.Asked) + "/s",
		"closed": "closed model (a server that stalls receives less)",
		"none":   "no messages are sent",
	}[r.Model]
	if r.Scenario == "connect" && r.Model == "closed" {
		words = "connections that stay open"
	}
	if r.Pairing != "" {
		words += ", replies paired " + r.Pairing
	}
	return words
}

func (r *Report) connections() string {
	text := formatCount(uint64(r.Opened))
	if r.Opened != r.Connections {
		text += " of " + formatCount(uint64(r.Connections))
	}
	if r.Lost > 0 {
		text += fmt.Sprintf(", %s lost", formatCount(uint64(r.Lost)))
	}
	return text
}

// counts writes the rows about how much was sent and received.
func (r *Report) counts(row func(name, format string, args ...any)) {
	out, in := "", ""
	if r.Bytes.Out > 0 {
		out = ", " + formatBytes(r.Bytes.Out)
	}
	if r.Bytes.In > 0 {
		in = ", " + formatBytes(r.Bytes.In)
	}
	if r.Scenario != "connect" {
		if r.Model != "none" {
			row("sent", "%s%s", formatCount(r.Sent), out)
		}
		row("received", "%s, %s/s%s", formatCount(r.Received), formatRate(r.Rate), in)
	} else {
		row("opened", "%s, %s/s", formatCount(r.Received), formatRate(r.Rate))
	}
	if r.Reach != nil {
		row("reach", "%s of %s deliveries, %s", formatCount(r.Reach.Received), formatCount(r.Reach.Expected), formatShare(r.Reach.Share))
	}
	if r.Gaps != nil {
		missing := ""
		if r.Gaps.Missing > 0 {
			missing = fmt.Sprintf(", %s numbers missing", formatCount(r.Gaps.Missing))
		}
		row("gaps", "%s pauses over %s%s", formatCount(r.Gaps.Pauses), formatTime(r.Gaps.Over), missing)
	}
}

// times writes the rows of quantiles.
func (r *Report) times(text *strings.Builder) {
	name := map[string]string{"receive": "between two"}[r.Scenario]
	name = cmp.Or(name, "latency")
	quantiles := func(name string, q Quantiles, unknown func(percent float64) bool) {
		fmt.Fprintf(text, "%-12s", name)
		for _, column := range []struct{ percent, value float64 }{{50, q.P50}, {90, q.P90}, {99, q.P99}, {99.9, q.P999}, {100, q.Max}} {
			value := formatTime(column.value)
			if unknown(column.percent) {
				value = ">" + value
			}
			fmt.Fprintf(text, " %9s", value)
		}
		text.WriteString("\n")
	}
	quantiles(name, r.Latency, r.isLowerBound)
	known := func(float64) bool { return false }
	for _, step := range connectSteps() {
		q, measured := r.Connecting[step]
		if measured && (r.Scenario == "connect" && step != "total" || r.Scenario != "connect" && step == "total") {
			quantiles(map[string]string{"total": "connecting"}[step]+strings.TrimSuffix("  "+step, "  total"), q, known)
		}
	}
}

// connectSteps returns the steps of connecting in their order, as Report.Connecting names them.
func connectSteps() []string {
	return []string{"dns", "connect", "proxy", "tls", "upgrade", "login", "total"}
}

func (r *Report) errors() string {
	if r.FailedCount() == 0 {
		return "0"
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(r.Errors)) {
		kinds = append(kinds, fmt.Sprintf("%s %s", formatCount(r.Errors[kind]), kind))
	}
	return strings.Join(kinds, ", ")
}

// textIf returns a text, or "" if the condition does not hold.
func textIf(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// found returns the lines about objectives and the search.
func (r *Report) found(objectives []Objective) []string {
	var lines []string
	for _, o := range objectives {
		verdict := "met"
		if !o.Keeps(r) {
			verdict = "missed"
		}
		if len(lines) < 4 {
			lines = append(lines, fmt.Sprintf("%-12s %s: %s", verdict, o.Text, o.Value(r)))
		}
	}
	switch {
	case len(r.Search) > 0 && r.Found > 0:
		what := "/s"
		if r.Scenario == "connect" {
			what = " connections"
		}
		lines = append(lines, fmt.Sprintf("%-12s %s%s within the objectives (%d steps)", "found", formatRate(r.Found), what, len(r.Search)))
	case len(r.Search) > 0:
		lines = append(lines, fmt.Sprintf("%-12s no step within the objectives (%d steps)", "found", len(r.Search)))
	}
	return lines
}
