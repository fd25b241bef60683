package repl

import (
	"strings"

	"wsx/repl/draft"
	"wsx/terminal"
)

// messageStart returns where the message in a typed line begins: at once, or behind the name of a command that takes one, as all of a
// dialect's do. It returns the length of the line if there is no message in it.
func (c *Completion) messageStart(line string) int {
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		return 0
	}
	name, arg, _ := strings.Cut(line, " ")
	row, _, err := c.dialect.Load().parse(name)
	_, _, notVerb := parse(name)
	i := strings.IndexAny(arg, "{[")
	if err != nil || notVerb == nil && !strings.Contains(row.args, "MSG") || i < 0 {
		return len(line)
	}
	return len(name) + 1 + i
}

// Incomplete reports whether Enter continues a typed line, as terminal.Config wants it: it ends in JSON that is not complete.
func (c *Completion) Incomplete(line string) bool {
	return draft.Incomplete(line[c.messageStart(line):])
}

// Mistake returns what is wrong with the JSON in a typed line, "" = nothing, as terminal.Config wants it. What the verbs of a dialect
// take may look like JSON and be something else.
func (c *Completion) Mistake(line string) string {
	start := c.messageStart(line)
	if c.dialect.Load() != nil || start == len(line) || !draft.Broken(line[start:]) {
		return ""
	}
	return "not JSON"
}

// Reformat indents the JSON in a typed line, or puts it on one row, as terminal.Config wants it.
func (c *Completion) Reformat(line string) (string, bool) {
	start := c.messageStart(line)
	text, ok := draft.Reformat(line[start:])
	return line[:start] + text, ok
}

// Paint returns a function that finds the styles of the JSON in a typed line, as terminal.Config wants it.
func (c *Completion) Paint(styles draft.Styles) func(line string, pos int) []terminal.Span {
	return func(line string, pos int) []terminal.Span {
		start := c.messageStart(line)
		spans := styles.Paint(line[start:], max(-1, pos-start))
		for i := range spans {
			spans[i].From += start
			spans[i].To += start
		}
		return spans
	}
}
