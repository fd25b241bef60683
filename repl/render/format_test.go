package render

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	for _, f := range Formats() {
		r, err := New(f.Name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, r, textMessage("hello")); !strings.Contains(got, "hello") {
			t.Errorf("%s shows %q", f.Name, got)
		}
		if f.Help == "" || strings.HasSuffix(f.Help, ".") {
			t.Errorf("%s: help %q", f.Name, f.Help)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := New("yaml", Options{})
	if err == nil || err.Error() != `unknown format "yaml"` || !strings.Contains(Hinter(nil).Hint(err), "pretty, raw, bytes, json, hex") {
		t.Errorf("got %v, hint %q", err, Hinter(nil).Hint(err))
	}
}
