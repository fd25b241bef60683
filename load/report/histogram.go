package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of a histogram in nanoseconds; its precision is three significant digits. Longer times count as maxTime.
const (
	minTime = 1000
	maxTime = int64(time.Hour)
)

// Histogram counts durations. It is not safe for concurrent use.
type Histogram struct{ hdr *hdrhistogram.Histogram }

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(minTime, maxTime, 3)}
}

// Record counts one duration. A negative one counts as 0.
func (h *Histogram) Record(d time.Duration) {
	h.hdr.RecordValue(min(max(int64(d), 0), maxTime)) // within the range there is no error
}

// Count returns the number of recorded durations.
func (h *Histogram) Count() uint64 { return uint64(h.hdr.TotalCount()) }

// Percentile returns the duration that percent (0 to 100) of all durations do not exceed; 0 for an empty histogram.
func (h *Histogram) Percentile(percent float64) time.Duration {
	return time.Duration(h.hdr.ValueAtPercentile(percent))
}

// Max returns the longest duration; 0 for an empty histogram.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.hdr.Max())
}

// CountAbove returns the number of durations longer than d.
func (h *Histogram) CountAbove(d time.Duration) uint64 {
	var above uint64
	for _, bar := range h.hdr.Distribution() {
		if bar.From > int64(d) {
			above += uint64(bar.Count)
		}
	}
	return above
}

// Add adds the counts of another histogram, exactly.
func (h *Histogram) Add(other *Histogram) { h.hdr.Merge(other.hdr) }

// Reset empties the histogram.
func (h *Histogram) Reset() { h.hdr.Reset() }

// Encode returns the histogram compressed (HdrHistogram V2), in base64.
func (h *Histogram) Encode() (string, error) {
	encoded, err := h.hdr.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(encoded), err
}

// decodeHistogram returns what Encode has encoded. It must have the range and precision of all histograms here.
func decodeHistogram(text string) (*Histogram, error) {
	if _, err := base64.StdEncoding.DecodeString(text); err != nil {
		return nil, err
	}
	hdr, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return nil, err
	}
	h := NewHistogram()
	if hdr.LowestTrackableValue() != h.hdr.LowestTrackableValue() || hdr.SignificantFigures() != h.hdr.SignificantFigures() {
		return nil, fmt.Errorf("its precision differs from that of wsx")
	}
	if dropped := h.hdr.Merge(hdr); dropped > 0 {
		return nil, fmt.Errorf("%d values are out of range", dropped)
	}
	return h, nil
}

// Quantiles are quantiles of a distribution of times, in milliseconds.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// Quantiles returns the quantiles that a report has.
func (h *Histogram) Quantiles() Quantiles {
	at := func(percent float64) float64 { return milliseconds(h.Percentile(percent)) }
	return Quantiles{at(50), at(90), at(99), at(99.9), milliseconds(h.Max())}
}

// logged is the histogram of an interval, for the log.
type logged struct {
	from, to time.Time
	encoded  string
}

// LogInterval keeps the latencies of an interval for WriteLog.
func (r *Report) LogInterval(from, to time.Time, h *Histogram) error {
	encoded, err := h.Encode()
	r.log = append(r.log, logged{from, to, encoded})
	return err
}

// WriteLog writes the intervals as a histogram log (version 1.3), for tools such as HistogramLogAnalyzer.
func (r *Report) WriteLog(w io.Writer) error {
	writer := hdrhistogram.NewHistogramLogWriter(w)
	if err := writer.OutputComment("[wsx bench, latency in nanoseconds]"); err != nil {
		return err
	}
	if err := writer.OutputLogFormatVersion(); err != nil {
		return err
	}
	if len(r.log) > 0 {
		if err := writer.OutputStartTime(r.log[0].from.UnixMilli()); err != nil {
			return err
		}
	}
	if err := writer.OutputLegend(); err != nil {
		return err
	}
	for _, interval := range r.log {
		h, err := decodeHistogram(interval.encoded)
		if err != nil {
			return err
		}
		h.hdr.SetStartTimeMs(interval.from.UnixMilli())
		h.hdr.SetEndTimeMs(interval.to.UnixMilli())
		if err := writer.OutputIntervalHistogram(h.hdr); err != nil {
			return err
		}
	}
	return nil
}

// WriteDistribution writes the latency by percentile as text, in milliseconds, in the format of HdrHistogram's plotter.
func (r *Report) WriteDistribution(w io.Writer) error {
	var text bytes.Buffer
	if _, err := r.latency.hdr.PercentilesPrint(&text, 5, float64(time.Millisecond)); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes())
	return err
}
