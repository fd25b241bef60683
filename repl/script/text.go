package script

import (
	"regexp"
	"strings"
	"sync"
)

// text is a text with references to captures: "hello ${name}".
type text []part

// part is a part of a text: a literal, or a reference.
type part struct {
	literal string
	name    string // of the capture; "" = it is a literal
}

var reference = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
})

// parseText splits a text at its references. $${name} stands for a literal ${name}; any other $ is literal as well.
func parseText(written string) text {
	var t text
	for {
		at := reference().FindStringSubmatchIndex(written)
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

// fill returns the text with its references replaced by captures, each quoted by quote.
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

// literal returns a text unquoted.
func literal(text string) string { return text }
