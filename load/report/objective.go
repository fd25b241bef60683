package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Objective is one condition on a report: "p99<50ms", "errors<0.1%".
type Objective struct {
	Text   string
	metric metric
	over   bool    // the metric must be over the limit, not under it
	equal  bool    // a value equal to the limit keeps the objective too
	limit  float64 // in the metric's unit
}

// metric is a metric for objectives.
type metric struct {
	name string
	unit unit
	of   func(*Report) float64

	percent float64 // percentile of the latency, 100 = its maximum; 0 = it is another metric
}

type unit int

const (
	inTime  unit = iota // milliseconds
	inShare             // 0 to 1, or a count where the objective has no %
	inRate              // a second
)

// metrics returns all metrics but the percentiles.
func metrics() []metric {
	return []metric{
		{name: "max", unit: inTime, of: func(r *Report) float64 { return r.Latency.Max }, percent: 100},
		{name: "late", unit: inTime, of: func(r *Report) float64 { return r.Late.P99 }},
		{name: "errors", unit: inShare, of: (*Report).ErrorShare},
		{name: "reach", unit: inShare, of: func(r *Report) float64 {
			if r.Reach == nil {
				return 0
			}
			return r.Reach.Share
		}},
		{name: "rate", unit: inRate, of: func(r *Report) float64 { return r.Rate }},
	}
}

// SyntaxError reports objectives that cannot be parsed.
type SyntaxError struct {
	Text   string
	Column int // from 1
	Why    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%q, column %d: %s", e.Text, e.Column, e.Why)
}

// ParseObjectives parses conditions separated by commas, all of which must be kept:
//
//	p50 p90 p99 p99.9 p999 max late    < <= > >=    50ms 1.5s 200us
//	errors reach                       < <= > >=    0.1%, or a count of errors
//	rate                               < <= > >=    1000 or 1000/s
//
// Its errors are of type *SyntaxError.
func ParseObjectives(text string) ([]Objective, error) {
	p := &objectiveParser{text: text}
	var all []Objective
	for {
		o, err := p.objective()
		if err != nil {
			return nil, err
		}
		all = append(all, o)
		p.spaces()
		if p.at == len(text) {
			return all, nil
		}
		if text[p.at] != ',' {
			return nil, p.syntaxError(p.at, "expected a comma between two objectives")
		}
		p.at++
	}
}

type objectiveParser struct {
	text string
	at   int // bytes read
}

func (p *objectiveParser) syntaxError(at int, format string, args ...any) error {
	return &SyntaxError{p.text, len([]rune(p.text[:at])) + 1, fmt.Sprintf(format, args...)}
}

func (p *objectiveParser) spaces() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// word reads letters, digits, and the characters in also.
func (p *objectiveParser) word(also string) string {
	p.spaces()
	from := p.at
	for i, r := range p.text[from:] {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(also, r) {
			p.at = from + i
			return p.text[from:p.at]
		}
	}
	p.at = len(p.text)
	return p.text[from:]
}

func (p *objectiveParser) objective() (Objective, error) {
	p.spaces()
	from := p.at
	name := p.word(".")
	m, err := findMetric(name)
	if err != nil {
		return Objective{}, p.syntaxError(from, "%v", err)
	}
	o := Objective{metric: m}
	p.spaces()
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, "<"):
	case strings.HasPrefix(rest, ">"):
		o.over = true
	default:
		return o, p.syntaxError(p.at, "expected <, <=, > or >= after %s", name)
	}
	p.at++
	if strings.HasPrefix(rest[1:], "=") {
		o.equal = true
		p.at++
	}
	p.spaces()
	at := p.at
	value := p.word(".%/")
	if o.limit, o.metric.of, err = m.parseLimit(value); err != nil {
		return o, p.syntaxError(at, "%v", err)
	}
	o.Text = strings.TrimSpace(p.text[from:p.at])
	return o, nil
}

func findMetric(name string) (metric, error) {
	for _, m := range metrics() {
		if m.name == name {
			return m, nil
		}
	}
	if digits, isPercentile := strings.CutPrefix(name, "p"); isPercentile {
		percent, err := strconv.ParseFloat(digits, 64)
		if err == nil && !strings.Contains(digits, ".") && len(digits) > 2 && digits[0] == '9' {
			percent /= math.Pow10(len(digits) - 2) // p999 is 99.9
		}
		if err == nil && percent > 0 && percent < 100 {
			of := func(r *Report) float64 { return milliseconds(r.latency.Percentile(percent)) }
			return metric{name, inTime, of, percent}, nil
		}
	}
	return metric{}, fmt.Errorf("unknown objective %q: use p50, p99, p99.9 (any percentile), max, late, errors, reach or rate", name)
}

// parseLimit parses the value that a metric is compared with, and returns it with the function for the metric's value.
func (m metric) parseLimit(value string) (float64, func(*Report) float64, error) {
	switch m.unit {
	case inTime:
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return 0, nil, fmt.Errorf("expected a time like 50ms or 1.5s after %s, not %q", m.name, value)
		}
		return float64(d) / float64(time.Millisecond), m.of, nil
	case inRate:
		n, err := strconv.ParseFloat(strings.TrimSuffix(value, "/s"), 64)
		if err != nil {
			return 0, nil, fmt.Errorf("expected a rate like 1000/s after %s, not %q", m.name, value)
		}
		return n, m.of, nil
	}
	number, percent := strings.CutSuffix(value, "%")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || percent && n > 100 || !percent && m.name == "reach" {
		return 0, nil, fmt.Errorf("expected a share like 0.1%% after %s, not %q", m.name, value)
	}
	if percent {
		return n / 100, m.of, nil
	}
	return n, func(r *Report) float64 { return float64(r.FailedCount()) }, nil
}

// Keeps reports whether the report keeps the objective. A report without measured times keeps no objective about time, and a
// message without a reply is slower than any limit.
func (o Objective) Keeps(r *Report) bool {
	if o.metric.unit == inTime && r.latency.Count() == 0 {
		return false
	}
	value := o.metric.of(r)
	switch {
	case o.unknown(r):
		return o.over
	case value == o.limit:
		return o.equal
	case o.over:
		return value > o.limit
	}
	return value < o.limit
}

// unknown reports whether the objective is about the latency of messages without a reply.
func (o Objective) unknown(r *Report) bool {
	return o.metric.percent > 0 && r.isLowerBound(o.metric.percent)
}

// Threshold returns the objective as a threshold of k6, on a distribution of times in milliseconds or on a share; metric is
// latency or errors. ok is false if k6 has no such threshold.
func (o Objective) Threshold() (metric, condition string, ok bool) {
	operator := "<"
	if o.over {
		operator = ">"
	}
	if o.equal {
		operator += "="
	}
	of := ""
	switch {
	case o.metric.percent == 100:
		metric, of = "latency", "max"
	case o.metric.percent > 0:
		metric, of = "latency", fmt.Sprintf("p(%v)", o.metric.percent)
	case o.metric.name == "errors" && strings.HasSuffix(o.Text, "%"):
		metric, of = "errors", "rate"
	default:
		return "", "", false
	}
	return metric, of + operator + strconv.FormatFloat(o.limit, 'f', -1, 64), true
}

// Value returns the measured value of the metric, with its unit.
func (o Objective) Value(r *Report) string {
	value := o.metric.of(r)
	switch o.metric.unit {
	case inTime:
		if o.unknown(r) {
			return "over " + formatTime(value)
		}
		return formatTime(value)
	case inRate:
		return formatRate(value) + "/s"
	}
	if value > 1 {
		return formatCount(uint64(value))
	}
	return fmt.Sprintf("%.3g %%", value*100)
}

// MissedError is the error when a report does not keep its objectives.
type MissedError struct{ Missed []string }

func (e *MissedError) Error() string {
	return "missed objectives: " + strings.Join(e.Missed, ", ")
}

// Check returns nil if the report keeps all objectives, else a *MissedError.
func Check(r *Report, objectives []Objective) error {
	var missed []string
	for _, o := range objectives {
		if !o.Keeps(r) {
			missed = append(missed, fmt.Sprintf("%s, measured %s", o.Text, o.Value(r)))
		}
	}
	if missed == nil {
		return nil
	}
	return &MissedError{missed}
}
