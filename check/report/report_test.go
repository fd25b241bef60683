package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wsx/check"
	"wsx/check/report"
)

const url = "ws://localhost/"

// sample returns a report with a finding of each verdict, one of them with markup and control characters from the server.
func sample() *check.Report {
	finding := func(id string, severity check.Severity, verdict check.Verdict, received string, known bool) check.Finding {
		c := check.Check{ID: id, Severity: severity, Clause: "RFC 6455 5.2", Title: "A rule.", Sent: "text", Expected: "Close 1002"}
		return check.Finding{Check: c, Outcome: check.Outcome{Verdict: verdict, Received: received}, RepeatCommand: "wsx check --only " + id, Known: known, Seconds: 0.0015}
	}
	return &check.Report{
		Server: &check.Server{URL: url, Facts: check.Facts{Pongs: true, EchoText: true}}, Seconds: 1.26,
		Findings: []check.Finding{
			finding("opcode/3", check.Must, check.Pass, "Close 1002", false),
			finding("opcode/4", check.Should, check.Fail, "pong", false),
			finding("opcode/5", check.Must, check.Fail, "Close 1000 \"<script>\x00\x1b[2J\xff\"", false),
			finding("close/1", check.Must, check.Warn, "the end", false),
			finding("close/2", check.Must, check.Skip, "does not apply", false),
			finding("close/3", check.Must, check.Inconclusive, "Close 4000", false),
			finding("close/4", check.Must, check.Fail, "pong", true),
		},
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	text := report.Text{W: &b, Clean: func(s string) string { return strings.ToValidUTF8(s, "?") }, URL: url}
	r := sample()
	text.Begin(r.Server, []string{"opcode", "close"})
	text.Group("opcode", r.Findings[:3])
	text.Group("close", r.Findings[3:])
	text.End(r)
	got := b.String()
	for _, want := range []string{
		"ws://localhost/ over HTTP/1.1: it echoes text, a pong takes 0s\n",
		"  opcode    1 pass   2 fail\n",
		"  close     1 fail   1 warn   1 skip   1 inconclusive\n",
		"\nfail opcode/4: should, RFC 6455 5.2\n  rule      A rule.\n  sent      text\n  expected  Close 1002\n  received  pong\n  repeat    wsx check --only opcode/4\n",
		"\nfail (known) close/4: must, RFC 6455 5.2\n",
		"\n1 pass, 3 fail, 1 warn, 1 skip, 1 inconclusive in 1.3s\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Index(got, "fail opcode/5") > strings.Index(got, "fail opcode/4") {
		t.Error("a should before a must")
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	r := sample()
	r.Down = "close/4"
	if err := report.JUnit(&b, r, url); err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		_, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
	}
	for _, want := range []string{
		`<testsuites name="wsx check ws://localhost/" tests="8" failures="3" errors="0" time="1.260000">`,
		`<testsuite name="opcode" tests="3" failures="2" errors="0" time="0.004500" skipped="0">`,
		`<failure message="down after close/4" type="down">`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.Bytes())
		}
	}
}

// TestSARIF checks the output against the schema of OASIS.
func TestSARIF(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-2.1.0.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*check.Report{sample(), {Server: &check.Server{}}} {
		var b bytes.Buffer
		if err := report.SARIF(&b, r, url, "1.2.3"); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%v\n%s", err, b.Bytes())
		}
	}
}

func TestHTML(t *testing.T) {
	var b strings.Builder
	if err := report.HTML(&b, sample(), url, func(s string) string { return strings.ToValidUTF8(s, "?") }); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if strings.Contains(page, "<script") || strings.Contains(page, "http-equiv") || strings.Contains(page, "src=") {
		t.Error("the page needs another file, or runs what a server sent")
	}
	for _, want := range []string{"prefers-color-scheme: dark", `name="viewport"`, "opcode/5", "&lt;script&gt;", "3 fail"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestBaseline reads what Events and Summary wrote.
func TestBaseline(t *testing.T) {
	var b bytes.Buffer
	r := sample()
	if err := report.Events(&b, r.Findings); err != nil {
		t.Fatal(err)
	}
	incomplete := b.String()
	if err := report.Summary(&b, r, 6); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	known, err := report.ReadBaseline(&b)
	if err != nil || len(known) != 3 || !known["opcode/4"] {
		t.Errorf("%v, %v", known, err)
	}
	for _, wrong := range []string{"", "x", "{}", incomplete, `{"event":"end"}`} {
		if _, err := report.ReadBaseline(strings.NewReader(wrong)); err == nil {
			t.Errorf("%q is a baseline", wrong)
		}
	}
}
