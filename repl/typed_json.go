package repl

import (
	"strings"

	"wsx/repl/draft"
	"wsx/terminal"
)

// messageStart returns where the message in a typed line begins: at 0, or in the argument of a verb or of a command that takes
// a message. It returns the length of the line if it contains no message.
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

// Incomplete reports whether Enter continues a typed line, since it ends in incomplete JSON. It is for terminal.Config.
func (c *Completion) Incomplete(line string) bool {
	return draft.Incomplete(line[c.messageStart(line):])
}

// Mistake returns what is wrong with the JSON in a typed line; "" = nothing, or a dialect is used, whose arguments may only
// look like JSON. It is for terminal.Config.
func (c *Completion) Mistake(line string) string {
	start := c.messageStart(line)
	if c.dialect.Load() != nil || start == len(line) || !draft.Broken(line[start:]) {
		return ""
	}
	return "not JSON"
}

// Reformat indents the JSON in a typed line, or puts it on one row. It is for terminal.Config.
func (c *Completion) Reformat(line string) (string, bool) {
	start := c.messageStart(line)
	text, ok := draft.Reformat(line[start:])
	return line[:start] + text, ok
}

// Paint returns a function that returns the styles of the JSON in a typed line. It is for terminal.Config.
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
