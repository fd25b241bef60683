// Package report holds the results of a load run, and writes them as JSON, a table, an HTML page or a histogram log. It checks
// a report against objectives, compares two reports and merges those of several machines.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Version is the version of the JSON object. Members are added, never changed.
const Version = 1

// Report is the result of a load run. Times are in milliseconds. Messages that were due during the warm-up are not counted.
type Report struct {
	Version     int     `json:"v"`
	Time        string  `json:"time,omitempty"` // when measuring began, RFC 3339
	URL         string  `json:"url"`
	Scenario    string  `json:"scenario"`        // echo, connect, fanout or receive
	Model       string  `json:"model"`           // open, closed, or none when nothing is sent
	Asked       float64 `json:"asked,omitempty"` // messages or connections a second in the open model
	Pairing     string  `json:"pairing,omitempty"`
	Connections int     `json:"connections"`    // to be opened
	Opened      int     `json:"opened"`         // that were opened
	Lost        int     `json:"lost,omitempty"` // that were opened, and ended before the run did
	Seconds     float64 `json:"seconds"`        // measured, without ramp and warm-up
	Interrupted bool    `json:"interrupted,omitempty"`

	Sent     uint64 `json:"sent"`
	Received uint64 `json:"received"` // replies, deliveries, unasked messages or opened connections, by scenario
	// Unanswered is the number of messages without a reply at the end of the run. The latency includes them with the time that
	// they had waited until then, a lower limit of their latency.
	Unanswered uint64  `json:"unanswered,omitempty"`
	Rate       float64 `json:"rate"` // of those that arrived in the measured time, per second
	Bytes      Bytes   `json:"bytes"`

	Latency Quantiles         `json:"latency"` // of replies or deliveries; with receive, the time between two messages; with connect, the time until a connection was open
	Late    Quantiles         `json:"late"`    // how late this program sent messages, after they were due
	Errors  map[string]uint64 `json:"errors"`  // by kind

	FirstClose *Close `json:"first_close,omitempty"` // the first one that the server sent during the run; nil = it sent none

	CPU CPU `json:"cpu"`

	Reach      *Reach               `json:"reach,omitempty"`   // of fanout
	Gaps       *Gaps                `json:"gaps,omitempty"`    // of receive
	Connecting map[string]Quantiles `json:"connecting"`        // by step: dns, connect, proxy, tls, upgrade, login, total
	Intervals  []Interval           `json:"intervals"`         // half a second each, or longer in a long run
	Search     []Step               `json:"search,omitempty"`  // the steps of a search
	Changes    []Change             `json:"changes,omitempty"` // since an earlier report
	Found      float64              `json:"found,omitempty"`   // the highest rate or number of connections that kept the objectives

	Histogram     string `json:"hdr"`      // of the latency, in nanoseconds: HdrHistogram, V2 compressed, base64
	LateHistogram string `json:"late_hdr"` // the same for Late

	latency, late *Histogram
	log           []logged
}

// Close is a received Close frame. The code 1005 stands for none.
type Close struct {
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// Bytes are the payloads of messages.
type Bytes struct {
	Out uint64 `json:"out"`
	In  uint64 `json:"in"`
}

// CPU is what this program used while measuring, in seconds.
type CPU struct {
	User   float64 `json:"user"`
	System float64 `json:"system"`
	Share  float64 `json:"share"` // of the processor time that this program could have used, 0 to 1
}

// Reach is how many of the expected deliveries of a fan-out arrived.
type Reach struct {
	Expected uint64  `json:"expected"`
	Received uint64  `json:"received"`
	Share    float64 `json:"share"` // 0 to 1; 0 when none was expected
	Repeated uint64  `json:"repeated,omitempty"`
}

// Gaps counts what was missing in a stream of messages.
type Gaps struct {
	Pauses  uint64  `json:"pauses"`            // between two messages, longer than Over
	Over    float64 `json:"over"`              // ten times the median, ms
	Missing uint64  `json:"missing,omitempty"` // numbers that were skipped, where messages are numbered
}

// Interval is a part of the run.
type Interval struct {
	At   float64 `json:"at"`   // when it ended, seconds since measuring began
	Rate float64 `json:"rate"` // replies a second
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	Max  float64 `json:"max"`
}

// Step is one measurement of a search.
type Step struct {
	Value float64 `json:"value"` // a rate, or a number of connections
	Kept  bool    `json:"kept"`  // it kept the objectives
	Rate  float64 `json:"rate"`
	P99   float64 `json:"p99"`
	Why   string  `json:"why,omitempty"` // how it missed the objectives
}

// limitShare is the share of the CPU above which the client may have been the limit.
const limitShare = 0.8

// ClientLimit reports whether the client instead of the server may have limited the results.
func (r *Report) ClientLimit() bool { return r.CPU.Share > limitShare }

// LateClient reports whether much of the latency was caused by this program, because it sent messages late.
func (r *Report) LateClient() bool { return r.Latency.Max > 0 && r.Late.P99 > r.Latency.P99/2 }

// Distribution returns the histogram of the latency.
func (r *Report) Distribution() *Histogram { return r.latency }

// SetHistograms sets the histograms and the fields that follow from them.
func (r *Report) SetHistograms(latency, late *Histogram) error {
	r.latency, r.late = latency, late
	r.Latency, r.Late = latency.Quantiles(), late.Quantiles()
	var err error
	if r.Histogram, err = latency.Encode(); err != nil {
		return err
	}
	r.LateHistogram, err = late.Encode()
	return err
}

// isLowerBound reports whether a percentile of the latency, 0 to 100, is that of a message without a reply, for which only a lower
// limit is known.
func (r *Report) isLowerBound(percent float64) bool {
	return float64(r.Unanswered) > (1-percent/100)*float64(r.latency.Count())
}

// FailedCount returns the number of errors of all kinds.
func (r *Report) FailedCount() uint64 {
	var failed uint64
	for _, n := range r.Errors {
		failed += n
	}
	return failed
}

// ErrorShare returns the share of the messages, or of the connections to open, that failed, 0 to 1.
func (r *Report) ErrorShare() float64 {
	failed := r.FailedCount()
	if failed == 0 {
		return 0
	}
	return math.Min(1, float64(failed)/math.Max(float64(failed), float64(r.Sent)))
}

// Missing returns the number of connections that were lost or could not be opened.
func (r *Report) Missing() int { return r.Lost + max(0, r.Connections-r.Opened) }

// MostlyLost reports whether more than half of the connections are missing.
func (r *Report) MostlyLost() bool { return 2*r.Missing() > r.Connections }

// Unmeasured reports whether nothing arrived that could be measured: no reply, no delivery, no message.
func (r *Report) Unmeasured() bool {
	return r.Received == 0 && (r.Sent > 0 || r.Unanswered > 0 || r.Scenario == "receive")
}

// WriteJSON writes the report as one line.
func (r *Report) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// Read reads a report that WriteJSON wrote.
func Read(from io.Reader) (*Report, error) {
	r := &Report{}
	decoder := json.NewDecoder(from)
	if err := decoder.Decode(r); err != nil {
		return nil, fmt.Errorf("not a report in JSON: %w", err)
	}
	if r.Version != Version || r.Scenario == "" {
		return nil, fmt.Errorf("not a report in JSON: no \"v\":%d and \"scenario\" in it", Version)
	}
	var err error
	if r.latency, err = decodeHistogram(r.Histogram); err != nil {
		return nil, fmt.Errorf("histogram \"hdr\": %w", err)
	}
	if r.late, err = decodeHistogram(r.LateHistogram); err != nil {
		return nil, fmt.Errorf("histogram \"late_hdr\": %w", err)
	}
	return r, nil
}
