package script

import (
	"regexp"
	"strings"
	"sync"
)

// text is a text with holes that captures fill: "hello ${name}".
type text []part

// part is a part of a text: a literal, or a hole.
type part struct {
	literal string
	name    string // of the capture that fills the hole; "" = none, it is a literal
}

var hole = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
})

// parseText finds the holes of a text. A doubled $ before one makes it a literal; any other $ is one anyway.
func parseText(written string) text {
	var t text
	for {
		at := hole().FindStringSubmatchIndex(written)
		if at == nil {
			return append(t, part{literal: written})
		}
		t = append(t, part{literal: written[:at[0]]})
		if strings.HasPrefix(written[at[0]:], "$$") {
			t = append(t, part{literal: written[at[0]+1 : at[1]]})
		} else {
			t = append(t, part{name: written[at[2]:at[3]]})
		}
		written = written[at[1]:]
	}
}

// fill returns the text with what was captured in its holes, each quoted as the text around it wants.
func (t text) fill(captured map[string]string, quote func(string) string) string {
	var b strings.Builder
	for _, part := range t {
		b.WriteString(part.literal)
		if part.name != "" {
			b.WriteString(quote(captured[part.name]))
		}
	}
	return b.String()
}

// literal quotes nothing.
func literal(text string) string { return text }
