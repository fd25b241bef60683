package report

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// example returns a report of latencies in milliseconds.
func example(t *testing.T, latencies ...float64) *Report {
	t.Helper()
	h := NewHistogram()
	for _, ms := range latencies {
		h.Record(time.Duration(ms * float64(time.Millisecond)))
	}
	r := &Report{
		Version: Version, Scenario: "echo", Model: "open", Asked: 100, URL: "ws://example.com/", Connections: 2, Opened: 2, Seconds: 2,
		Sent: uint64(len(latencies)), Received: uint64(len(latencies)), Rate: float64(len(latencies)) / 2, Errors: map[string]uint64{},
		Connecting: map[string]Quantiles{"connect": {1, 2, 3, 4, 5}, "total": {2, 3, 4, 5, 6}},
	}
	for i := range 4 {
		r.Intervals = append(r.Intervals, Interval{At: float64(i+1) / 2, Rate: 100 + float64(i%2), P50: 1, P99: 10 + float64(i), Max: 20})
	}
	if err := r.SetHistograms(h, NewHistogram()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestObjectives(t *testing.T) {
	r := example(t, 1, 2, 3, 4, 100)
	r.Errors["lost"] = 1
	r.Reach = &Reach{Share: .9}
	for _, c := range []struct {
		text  string
		keeps bool
	}{
		{"p50<4ms", true}, {"p50<3ms", false}, {"p50<=3.1ms", true}, {"p99<50ms", false}, {"max<101ms", true}, {"p99.9>99ms", true},
		{"p999>99ms", true}, {" p50 < 4ms , max<1s ", true}, {"errors<0.1%", false}, {"errors<=20%", true}, {"errors<2", true}, {"errors<1", false},
		{"rate>2", true}, {"rate>=2.5/s", true}, {"rate>2.5/s", false}, {"reach>89%", true}, {"reach>=91%", false}, {"late<1ms", false},
	} {
		objectives, err := ParseObjectives(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if c.text == "late<1ms" {
			continue // parses
		}
		err = Check(r, objectives)
		var missed *MissedError
		if (err == nil) != c.keeps || err != nil && !errors.As(err, &missed) {
			t.Errorf("%s: %v, want kept: %v", c.text, err, c.keeps)
		}
	}
}

// TestUnansweredKeepNothing: a message without a reply is slower than any limit, however long it has waited.
func TestUnansweredKeepNothing(t *testing.T) {
	r := example(t, 1, 2, 3, 4, 2000)
	r.Unanswered = 1
	for _, c := range []struct {
		text  string
		keeps bool
	}{
		{"p50<4ms", true}, {"p79<5ms", true}, {"p81<10s", false}, {"p99<10s", false}, {"max<10s", false}, {"max>10s", true}, {"p99>=10s", true},
	} {
		objectives, err := ParseObjectives(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(r, objectives); (err == nil) != c.keeps {
			t.Errorf("%s: %v, want kept: %v", c.text, err, c.keeps)
		}
	}
	var table strings.Builder
	r.WriteTable(&table, nil)
	for _, want := range []string{"unanswered   1: ", "  >2.00 s", "  3.00 ms"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, &table)
		}
	}
}

func TestObjectivesThatDoNotParse(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
	}{
		{"", 1}, {"p99", 4}, {"p99<", 5}, {"p99<50", 5}, {"p99 = 5ms", 5}, {"p99<5ms errors<1%", 9}, {"p99<5ms,", 9}, {"p100<1ms", 1}, {"p0<1ms", 1},
		{"é<1", 1}, {"p99<5ms,é<1", 9}, {"p50<1ms,  rat>1", 11}, {"errors<x", 8}, {"errors<101%", 8}, {"reach>5", 7}, {"p99<-1ms", 5}, {"rate>1/m", 6},
	} {
		_, err := ParseObjectives(c.text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Column != c.column {
			t.Errorf("%q: %v, want column %d", c.text, err, c.column)
		}
	}
}

func FuzzParseObjectives(f *testing.F) {
	f.Add("p99<50ms,errors<0.1%")
	f.Add("rate>=1/s , p9.9 <= 1h")
	f.Fuzz(func(t *testing.T, text string) {
		objectives, err := ParseObjectives(text)
		if (err == nil) == (len(objectives) == 0) {
			t.Errorf("%q: %d objectives and %v", text, len(objectives), err)
		}
	})
}

// TestMergeIsExact: merged histograms are those of all values.
func TestMergeIsExact(t *testing.T) {
	a, b, all := example(t, 1, 2, 3), example(t, 50, 60.123), example(t, 1, 2, 3, 50, 60.123)
	a.Errors["lost"], b.Errors["lost"], b.Errors["timeout"] = 1, 2, 3
	merged, err := Merge([]*Report{a, b})
	if err != nil {
		t.Fatal(err)
	}
	if merged.Histogram != all.Histogram || merged.Latency != all.Latency {
		t.Errorf("merged %+v, want %+v", merged.Latency, all.Latency)
	}
	if merged.Sent != 5 || merged.Rate != 2.5 || merged.Errors["lost"] != 3 || merged.Errors["timeout"] != 3 || merged.Connections != 4 {
		t.Errorf("merged: %+v", merged)
	}
	b.Scenario = "fanout"
	if _, err := Merge([]*Report{a, b}); err == nil {
		t.Error("different scenarios are merged")
	}
}

// TestReadBack: Read reads what WriteJSON has written.
func TestReadBack(t *testing.T) {
	r := example(t, 1, 2, 3.5)
	var written bytes.Buffer
	if err := r.WriteJSON(&written); err != nil {
		t.Fatal(err)
	}
	read, err := Read(bytes.NewReader(written.Bytes()))
	if err != nil || read.Latency != r.Latency || read.Distribution().Count() != 3 {
		t.Errorf("read %+v (%v)", read, err)
	}
	for _, text := range []string{"", "{}", `{"v":2,"scenario":"echo"}`, `{"v":1,"scenario":"echo","hdr":"HIST"}`, `{"v":1,"scenario":"echo","hdr":"%"}`} {
		if _, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func TestCompare(t *testing.T) {
	slow := func(factor float64, noise float64) *Report {
		r := example(t, 10*factor)
		r.Intervals = nil
		for i := range 20 {
			r.Intervals = append(r.Intervals, Interval{Rate: 100 / factor, P50: factor, P99: 10 * factor * (1 + noise*float64(i%3-1))})
		}
		return r
	}
	for _, c := range []struct {
		factor, noise float64
		verdict       string
	}{{2, .1, "worse"}, {.5, .1, "better"}, {1.01, .5, "no difference beyond noise"}} {
		p99 := Compare(slow(1, c.noise), slow(c.factor, c.noise))[1]
		if p99.Verdict() != c.verdict || p99.Low > p99.Ratio || p99.High < p99.Ratio || math.Abs(p99.Ratio-c.factor) > 1e-9 {
			t.Errorf("%v times as slow: %+v, %s", c.factor, p99, p99.Verdict())
		}
	}
	rate := Compare(slow(1, 0), slow(2, 0))[2]
	if rate.Verdict() != "worse" {
		t.Errorf("half the rate is %s", rate.Verdict())
	}
	short := example(t, 1)
	short.Intervals = short.Intervals[:1]
	if got := Compare(short, short)[0].Verdict(); got != "too short to compare" {
		t.Errorf("one interval: %s", got)
	}
}

func TestStudentT(t *testing.T) {
	for freedom, want := range map[float64]float64{3: 3.182, 5: 2.571, 10: 2.228, 30: 2.042, math.Inf(1): 1.960} {
		if got := studentT(freedom); math.Abs(got-want) > want/100 {
			t.Errorf("t of %v degrees of freedom is %v, want %v", freedom, got, want)
		}
	}
}

// TestTableIsShort: whatever a report has, its table is at most 25 lines, of at most 120 columns.
func TestTableIsShort(t *testing.T) {
	r := example(t, 1, 2, 3)
	r.Scenario, r.Interrupted, r.Lost, r.Unanswered = "connect", true, 1, 5
	r.Connecting = map[string]Quantiles{}
	for _, step := range connectSteps() {
		r.Connecting[step] = Quantiles{}
	}
	r.Errors = map[string]uint64{"lost": 1, "timeout": 2, "tls": 3, "connect": 1, "protocol": 1, "close": 1}
	r.Reach, r.Search, r.CPU.Share = &Reach{}, make([]Step, 20), .9 // no scenario has gaps as well
	objectives, err := ParseObjectives(strings.Repeat("p99<1ms,", 30) + "p50<1ms")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	r.WriteTable(&text, objectives)
	WriteComparison(&text, Compare(r, r))
	lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	if len(lines) > 25 {
		t.Errorf("%d lines:\n%s", len(lines), text.String())
	}
	for _, line := range lines {
		if len(line) > 120 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	if !strings.Contains(text.String(), "the client is the limit") {
		t.Error("the client's limit is not reported")
	}
}

func TestFormats(t *testing.T) {
	for got, want := range map[string]string{
		formatTime(0): "0", formatTime(.0512): "51.2 us", formatTime(9.876): "9.88 ms", formatTime(123.4): "123 ms", formatTime(1234): "1.23 s",
		formatCount(1234567): "1,234,567", formatCount(12): "12", formatRate(.25): "0.3", formatRate(99.96): "100", formatRate(12345.6): "12,346",
		formatBytes(1 << 20): "1.00 MiB", formatBytes(999): "999 B", formatShare(.95): "95 %", formatShare(.99999): "99.999 %",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLive: a tick redraws one line, which fits the terminal.
func TestLive(t *testing.T) {
	var out bytes.Buffer
	width := 200
	l := NewLive(&out, func() int { return width })
	for i := range 40 {
		out.Reset()
		l.Show(Tick{Phase: "measuring", Elapsed: time.Second, Total: 10 * time.Second, Open: 1000, Rate: 5000, P50: time.Millisecond, P99: time.Duration(i+1) * time.Millisecond, Failed: 2})
	}
	want := "\r\x1b[Kmeasuring 1.0/10 s  1,000 open  5,000/s  p50 1.00 ms  p99 40.0 ms  2 errors  ▃▄▄▄▄▄▅▅▅▅▅▅▆▆▆▆▆▆▇▇▇▇▇█"
	if got := out.String(); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	width = 20
	out.Reset()
	l.Show(Tick{Phase: "measuring"})
	if got := []rune(strings.TrimPrefix(out.String(), "\r\x1b[K")); len(got) != 19 {
		t.Errorf("%d columns of 20: %q", len(got), string(got))
	}
}

func TestLogs(t *testing.T) {
	r := example(t, 1, 2, 3)
	from := time.UnixMilli(1_700_000_000_000)
	if err := r.LogInterval(from, from.Add(time.Second), r.Distribution()); err != nil {
		t.Fatal(err)
	}
	var log, distribution bytes.Buffer
	if err := errors.Join(r.WriteLog(&log), r.WriteDistribution(&distribution)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "#[Histogram log format version 1.3]") || !strings.Contains(log.String(), "\n1700000000.000000,1.000000,3.0") {
		t.Errorf("log:\n%s", log.String())
	}
	if !strings.Contains(distribution.String(), "3.000     1.000000            3") {
		t.Errorf("distribution:\n%s", distribution.String())
	}
}

// TestPage: the page loads nothing, and its plots are drawn inside their frames by a browser.
func TestPage(t *testing.T) {
	r := example(t, 1, 2, 3, 4, 5, 6, 100)
	r.URL = "ws://example.com/<script>alert(1)</script>"
	var page bytes.Buffer
	if err := r.WriteHTML(&page, nil); err != nil {
		t.Fatal(err)
	}
	for _, forbidden := range []string{"<script", "<link", "src=", "url(", "@import", "NaN", "Inf"} {
		if strings.Contains(page.String(), forbidden) {
			t.Errorf("the page contains %s", forbidden)
		}
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is not tried in a browser")
	}
	const probe = `<script>
document.title = Array.from(document.querySelectorAll('svg[id]'), (svg) => {
  const frame = svg.viewBox.baseVal, drawn = svg.getBBox();
  const inside = drawn.x >= 0 && drawn.y >= 0 && drawn.x + drawn.width <= frame.width + 15 && drawn.y + drawn.height <= frame.height;
  return svg.id + ':' + svg.querySelectorAll('polyline, rect').length + ':' + (inside && drawn.width > frame.width / 2);
}).join(' ');
</script>`
	folder, err := os.MkdirTemp("", "page")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) }) // children of the browser may still write there
	path := filepath.Join(folder, "page.html")
	text := strings.Replace(page.String(), "default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';", 1)
	if err := os.WriteFile(path, []byte(strings.Replace(text, "</body>", probe+"</body>", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	dom, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+folder, "--dump-dom", "file://"+path).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "<title>percentile:1:true time:3:true rate:1:true connecting:4:true</title>"
	if !bytes.Contains(dom, []byte(want)) {
		t.Errorf("no %s in %.3000s", want, dom)
	}
}
