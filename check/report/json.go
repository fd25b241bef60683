package report

import (
	"encoding/json"
	"io"
	"math"

	"wsx/check"
)

// listedCheck is a check in the output of --list.
type listedCheck struct {
	ID       string         `json:"id"`
	Group    string         `json:"group"`
	Severity check.Severity `json:"severity"`
	Clause   string         `json:"clause"`
	Title    string         `json:"title"`
	Sent     string         `json:"sent"`
	Wanted   string         `json:"wanted"`
	Full     bool           `json:"full,omitempty"`
}

// findingEvent is a finding as an event.
type findingEvent struct {
	Event    string         `json:"event"`
	ID       string         `json:"id"`
	Group    string         `json:"group"`
	Severity check.Severity `json:"severity"`
	Clause   string         `json:"clause"`
	Title    string         `json:"title"`
	Verdict  check.Verdict  `json:"verdict"`
	Known    bool           `json:"known,omitempty"`
	Sent     string         `json:"sent"`
	Wanted   string         `json:"wanted"`
	Came     string         `json:"came"`
	Again    string         `json:"again"`
	Seconds  float64        `json:"seconds"`
}

// summary is the last event of a run.
type summary struct {
	Event        string  `json:"event"`
	Pass         int     `json:"pass"`
	Fail         int     `json:"fail"`
	Warn         int     `json:"warn"`
	Skip         int     `json:"skip"`
	Inconclusive int     `json:"inconclusive"`
	Known        int     `json:"known,omitempty"`
	Down         string  `json:"down,omitempty"`
	Stopped      string  `json:"stopped,omitempty"`
	Seconds      float64 `json:"seconds"`
	Exit         int     `json:"exit"`
}

// writeLine writes an object as a line of JSON, without HTML escapes.
func writeLine(w io.Writer, object any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}

// List writes checks as objects, one per line.
func List(w io.Writer, checks []check.Check) error {
	for _, c := range checks {
		if err := writeLine(w, listedCheck{c.ID, c.Group(), c.Severity, c.Clause, c.Title, c.Sent, c.Expected, c.Full}); err != nil {
			return err
		}
	}
	return nil
}

// Events writes findings as events, one per line.
func Events(w io.Writer, findings []check.Finding) error {
	for _, f := range findings {
		err := writeLine(w, findingEvent{"check", f.ID, f.Group(), f.Severity, f.Clause, f.Title, f.Verdict, f.Known, f.Sent, f.Expected, f.Received, f.RepeatCommand, milliseconds(f.Seconds)})
		if err != nil {
			return err
		}
	}
	return nil
}

// Summary writes the last event, with the exit code of the run.
func Summary(w io.Writer, r *check.Report, exit int) error {
	known := check.CountFunc(r.Findings, func(f check.Finding) bool { return f.Known })
	s := summary{
		Event: "summary", Pass: r.Count(check.Pass), Fail: r.Count(check.Fail), Warn: r.Count(check.Warn), Skip: r.Count(check.Skip),
		Inconclusive: r.Count(check.Inconclusive), Known: known, Down: r.Down, Seconds: milliseconds(r.Seconds), Exit: exit,
	}
	if r.Stopped != nil {
		s.Stopped = r.Stopped.Error()
	}
	return writeLine(w, s)
}

// milliseconds rounds seconds to milliseconds.
func milliseconds(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }
