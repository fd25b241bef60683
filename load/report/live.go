package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Tick is the progress of a run, reported twice a second.
type Tick struct {
	Phase    string        // connecting, warming up, measuring or holding
	Elapsed  time.Duration // of the phase
	Total    time.Duration // of the phase; 0 = not known
	Open     int           // number of open connections
	Rate     float64       // replies a second, since the last tick
	P50, P99 time.Duration // of these replies
	Failed   uint64        // errors so far
}

// sparkLength is the number of ticks that the sparkline shows.
const sparkLength = 24

// Live shows ticks on one line of a terminal, which each tick redraws.
type Live struct {
	out    io.Writer
	width  func() int // of the terminal, in columns
	prefix string
	p99    []time.Duration
}

// NewLive returns a Live that draws on a terminal; width returns its current width in columns.
func NewLive(out io.Writer, width func() int) *Live { return &Live{out: out, width: width} }

// Begin sets a prefix for the line, and discards the ticks so far.
func (l *Live) Begin(prefix string) { l.prefix, l.p99 = prefix, nil }

// Show redraws the line.
func (l *Live) Show(t Tick) {
	if t.Phase == "measuring" {
		l.p99 = append(l.p99, t.P99)
		l.p99 = l.p99[max(0, len(l.p99)-sparkLength):]
	}
	line := []rune(l.prefix + t.line() + l.spark())
	line = line[:min(len(line), max(0, l.width()-1))]
	fmt.Fprintf(l.out, "\r\x1b[K%s", string(line))
}

// Clear removes the line.
func (l *Live) Clear() { io.WriteString(l.out, "\r\x1b[K") }

func (t Tick) line() string {
	elapsed := fmt.Sprintf("%.1f s", t.Elapsed.Seconds())
	if t.Total > 0 {
		elapsed = fmt.Sprintf("%.1f/%.0f s", t.Elapsed.Seconds(), t.Total.Seconds())
	}
	line := fmt.Sprintf("%s %s  %s open", t.Phase, elapsed, formatCount(uint64(t.Open)))
	if t.Phase == "measuring" {
		line += fmt.Sprintf("  %s/s  p50 %s  p99 %s", formatRate(t.Rate), formatTime(milliseconds(t.P50)), formatTime(milliseconds(t.P99)))
	}
	if t.Failed > 0 {
		line += fmt.Sprintf("  %s errors", formatCount(t.Failed))
	}
	return line
}

// spark draws the p99 of the last ticks, the longest as the highest bar.
func (l *Live) spark() string {
	levels := []rune("▁▂▃▄▅▆▇█")
	highest := time.Duration(1)
	for _, d := range l.p99 {
		highest = max(highest, d)
	}
	var bars strings.Builder
	for _, d := range l.p99 {
		bars.WriteRune(levels[int(int64(len(levels)-1)*int64(d)/int64(highest))])
	}
	if bars.Len() == 0 {
		return ""
	}
	return "  " + bars.String()
}
