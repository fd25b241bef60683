package render

import (
	"strings"

	"github.com/fatih/color"
)

// Theme has the colours of one destination. The zero value has none. No meaning depends on colour alone: a sign or a word
// always expresses it as well.
type Theme struct {
	In, Out, Control, Status, Error, Hint, Dim Style
	Key, String, Number, Literal               Style // of JSON
}

// NewTheme returns the colours of a destination, or none.
func NewTheme(coloured bool) Theme {
	if !coloured {
		return Theme{}
	}
	return Theme{
		In:      newStyle(color.FgCyan),
		Out:     newStyle(color.FgGreen),
		Control: newStyle(color.FgMagenta),
		Status:  newStyle(color.FgBlue),
		Error:   newStyle(color.FgRed, color.Bold),
		Hint:    newStyle(color.FgYellow),
		Dim:     newStyle(color.Faint),
		Key:     newStyle(color.FgBlue, color.Bold),
		String:  newStyle(color.FgGreen),
		Number:  newStyle(color.FgCyan),
		Literal: newStyle(color.FgYellow),
	}
}

// Style is the escape sequences before and after coloured text; the zero value has none.
type Style struct{ on, off string }

// newStyle asks the library once for its escape sequences. It overrides the library's global switch, which depends on standard
// output only.
func newStyle(attributes ...color.Attribute) Style {
	c := color.New(attributes...)
	c.EnableColor()
	on, off, _ := strings.Cut(c.Sprint("|"), "|")
	return Style{on, off}
}

// Paint returns text in the style. Text from the peer must have been sanitized.
func (s Style) Paint(text string) string { return s.on + text + s.off }

func (s Style) append(dst []byte, text string) []byte {
	dst = append(dst, s.on...)
	dst = append(dst, text...)
	return append(dst, s.off...)
}

// UseColor reports whether a destination is coloured. The mode, "auto", "always" or "never", takes precedence over the environment (NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE), and that before what the
// destination is.
func UseColor(mode string, isTerminal bool, env func(string) string) bool {
	switch {
	case mode == "always":
		return true
	case mode == "never", env("NO_COLOR") != "":
		return false
	case isForced(env("FORCE_COLOR")), isForced(env("CLICOLOR_FORCE")):
		return true
	}
	return isTerminal && env("TERM") != "dumb"
}

func isForced(value string) bool { return value != "" && value != "0" && value != "false" }
