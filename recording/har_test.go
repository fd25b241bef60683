package recording

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

func recordingOf(t testing.TB, name string) []byte {
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func exported(t testing.TB, form string, recording []byte) []byte {
	var out bytes.Buffer
	if note, err := Export(&out, bytes.NewReader(recording), Options{Name: "session.jsonl", Form: form, Version: "1"}); err != nil || note != "" {
		t.Fatalf("%v, %q", err, note)
	}
	return out.Bytes()
}

// TestHAR compares with a golden file.
func TestHAR(t *testing.T) {
	got := exported(t, "har", recordingOf(t, "session.jsonl"))
	if *update {
		if err := os.WriteFile("testdata/session.har", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := recordingOf(t, "session.har"); !bytes.Equal(got, want) {
		t.Errorf("%s\nwanted:\n%s", got, want)
	}
}
