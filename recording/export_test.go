package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

const opening = `{"v":1,"time":"2026-11-20T12:00:00Z","event":"open","url":"ws://h/","http":"HTTP/1.1","status":101,"headers":{}}` + "\n"

// TestTruncatedRecording exports a recording truncated after each byte, as by a crash.
func TestTruncatedRecording(t *testing.T) {
	recording := recordingOf(t, "session.jsonl")
	for end := range len(recording) {
		cut := recording[:end]
		rest := cut[bytes.LastIndexByte(cut, '\n')+1:]
		for _, form := range Forms() {
			note, err := Export(io.Discard, bytes.NewReader(cut), Options{Name: "session.jsonl", Form: form.Name})
			isCut := len(rest) > 0 && !json.Valid(rest)
			if err != nil || strings.Contains(note, "is cut short") != isCut {
				t.Fatalf("%s of %d bytes: %v, %q", form.Name, end, err, note)
			}
		}
	}
	note, _ := Export(io.Discard, strings.NewReader(opening+"\n{\"time"), Options{Name: "session.jsonl", Form: "har"})
	if note != "session.jsonl: line 3 is cut short and was left out" {
		t.Error(note)
	}
}

// TestPartialSessions exports sessions without their open or end event.
func TestPartialSessions(t *testing.T) {
	const message = `{"time":"2026-11-20T12:00:01Z","event":"message","dir":"in","type":"text","bytes":1,"data":"x"}` + "\n"
	const end = `{"time":"2026-11-20T12:00:02Z","event":"end","exit":0,"code":1000,"sent":0,"received":1}` + "\n"
	recording := []byte(end + message + end + message + opening + message)
	har := exported(t, "har", recording)
	if n := bytes.Count(har, []byte(`"_webSocketMessages":[`+"\n"+`{"type":"receive"`)); n != 3 || !bytes.Contains(har, []byte(unknownURL)) {
		t.Errorf("%d sessions: %s", n, har)
	}
	all := readCapture(t, exported(t, "pcap", recording))
	if len(all) != 3 || all[0].fins != 2 || all[1].fins != 2 || all[2].fins != 0 {
		t.Errorf("%d sessions", len(all))
	}
}

// TestServerRecording: what wsx -l received is exported as sent by the client.
func TestServerRecording(t *testing.T) {
	const open = `{"v":1,"time":"2026-11-20T12:00:00Z","event":"open","url":"ws://h/","http":"HTTP/1.1","status":101,"remote":"192.0.2.1:5","headers":{}}` + "\n"
	const in = `{"time":"2026-11-20T12:00:01Z","event":"message","dir":"in","type":"text","bytes":1,"data":"x"}` + "\n"
	const out = `{"time":"2026-11-20T12:00:01Z","event":"message","dir":"out","type":"text","bytes":1,"data":"y"}` + "\n"
	har := string(exported(t, "har", []byte(open+in+out+opening+in)))
	for _, want := range []string{"[\n" + `{"type":"send"`, `"data":"x"},` + "\n" + `{"type":"receive"`, "[\n" + `{"type":"receive"`} {
		if !strings.Contains(har, want) {
			t.Errorf("no %s in %s", want, har)
		}
	}
}

func TestInvalidRecordings(t *testing.T) {
	for _, c := range []struct{ recording, want string }{
		{strings.Repeat("\x00", 1<<20), "line 1: not an event"},
		{"hello\nthere\n", "export session.jsonl: line 1: not an event: not JSON at byte 1: invalid character 'h'"},
		{opening + "\"\xff\"\n", "line 2: not UTF-8"},
		{opening + "[]\n", "line 2: not an event: expected a JSON object, not array"},
		{opening + "\n{}\n", `line 3: not a recording: "event" is missing`},
		{`{"wait":"1s"}`, `"event" is missing`},
		{`{"event":"open"}`, `"time" is missing`},
		{`{"event":"open","time":"0999-01-01T00:00:00Z"}`, "the year 999 is out of range"},
		{opening + `{"time":"2026-11-20T12:00:00Z","event":"message","type":"text"}`, `"dir" must be "in" or "out"`},
		{opening + `{"time":"2026-11-20T12:00:00Z","event":"message","dir":"in","type":"x"}`, `"type" must be`},
		{opening + `{"time":"2026-11-20T12:00:00Z","event":"ping","dir":"in","encoding":"hex"}`, `"encoding" must be`},
		{opening + `{"time":"2026-11-20T12:00:00Z","event":"message","dir":"in","type":"binary","encoding":"base64","data":"?"}`, `line 2: "data" is not base64`},
		{opening + `{"time":"2026-11-20T12:00:00Z","event":"ping","client":2,"dir":"in"}`, "several concurrent clients"},
		{opening + `{"time":"2026-11-20T12:00:00Z","event":"close","dir":"in","code":5}`, "5 is not a close code"},
	} {
		_, err := Export(io.Discard, strings.NewReader(c.recording), Options{Name: "session.jsonl", Form: "har"})
		var invalid *LineError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwanted: %s", c.recording, err, c.want)
		}
	}
	long := opening + `{"time":"2026-11-20T12:00:00Z","event":"ping","dir":"in","data":"` + strings.Repeat("x", 126) + `"}`
	if _, err := Export(io.Discard, strings.NewReader(long), Options{Name: "session.jsonl", Form: "pcap"}); err == nil {
		t.Error("a ping of 126 bytes is captured")
	}
	if _, err := Export(io.Discard, strings.NewReader(opening), Options{Form: "csv"}); err == nil {
		t.Error("csv is accepted")
	}
}

// fullDisk is a writer that fails as on a full disk.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestFullDisk(t *testing.T) {
	for _, form := range Forms() {
		_, err := Export(fullDisk{}, strings.NewReader(opening), Options{Form: form.Name})
		if err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: %v", form.Name, err)
		}
	}
}

// maxGrowth is the maximum number of bytes exported for each byte of a recording: the shortest event that opens a session becomes
// a TCP connection with a request and a response.
const maxGrowth = 32

// FuzzExport exports arbitrary bytes. The output is valid, and at most maxGrowth times as long.
func FuzzExport(f *testing.F) {
	f.Add(recordingOf(f, "session.jsonl"))
	f.Add([]byte(opening + `{"time":"2026-11-20T12:00:00Z","event":"message","dir":"out","type":"text","data":"\ud800\u2028<"}`))
	f.Add([]byte(`{"time":"2026-11-20T12:00:00Z","event":"open","url":"%zz","request":["",":","GET\r\n"],"headers":{"a\nb":["c\r\nd"]}}`))
	f.Fuzz(func(t *testing.T, recording []byte) {
		for _, form := range Forms() {
			var out bytes.Buffer
			_, err := Export(&out, bytes.NewReader(recording), Options{Name: "x", Form: form.Name})
			var invalid *LineError
			switch {
			case err != nil && !errors.As(err, &invalid):
				t.Errorf("%s: %v", form.Name, err)
			case err == nil && form.Name == "har" && !json.Valid(out.Bytes()):
				t.Errorf("not JSON: %s", out.Bytes())
			case err == nil && form.Name == "pcap":
				readCapture(t, out.Bytes())
			}
			if out.Len() > maxGrowth*len(recording)+4<<10 {
				t.Errorf("%s: %d bytes of %d", form.Name, out.Len(), len(recording))
			}
		}
	})
}
