package render

import (
	"strings"
	"testing"
)

func TestUseColor(t *testing.T) {
	cases := []struct {
		mode       string
		isTerminal bool
		env        string
		want       bool
	}{
		{"auto", true, "", true},
		{"auto", false, "", false},
		{"", true, "TERM=xterm", true},
		{"auto", true, "TERM=dumb", false},
		{"auto", true, "NO_COLOR=1", false},
		{"auto", false, "FORCE_COLOR=1", true},
		{"auto", false, "FORCE_COLOR=0", false},
		{"auto", false, "CLICOLOR_FORCE=1", true},
		{"auto", false, "CLICOLOR_FORCE=0", false},
		{"auto", true, "NO_COLOR=1 FORCE_COLOR=1", false},
		{"always", false, "NO_COLOR=1 TERM=dumb", true},
		{"never", true, "FORCE_COLOR=1", false},
	}
	for _, c := range cases {
		env := func(name string) string {
			for pair := range strings.FieldsSeq(c.env) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got := UseColor(c.mode, c.isTerminal, env); got != c.want {
			t.Errorf("--color %s, terminal %v, %s: %v, want %v", c.mode, c.isTerminal, c.env, got, c.want)
		}
	}
}

func TestThemeOfDestination(t *testing.T) {
	t.Setenv("NO_COLOR", "1") // decided by UseColor, not by the library
	if got := NewTheme(true).In.Paint("x"); got != "\x1b[36mx\x1b[0m" {
		t.Errorf("coloured: %q", got)
	}
	if got := NewTheme(false).In.Paint("x"); got != "x" {
		t.Errorf("plain: %q", got)
	}
}
