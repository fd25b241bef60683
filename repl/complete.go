package repl

import (
	"slices"
	"strings"
	"unicode"

	"wsx/terminal"
)

// Complete returns the completions of a line at a position, as a terminal.Completer.
func (c *Completion) Complete(line string, pos int) (head string, list []terminal.Candidate) {
	before := line[:pos]
	name, arg, hasArg := strings.Cut(before, " ")
	isCommand := strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "//")
	d := c.dialect.Load()
	if isCommand && !hasArg {
		return "/", beginning(append(verbNames(d), commandNames("")...), name[1:])
	}
	if isCommand && (name == "/send" || name == "/keep") {
		return name + " ", beginning(c.kept.Load().candidates(), strings.TrimLeft(arg, " "))
	}
	if row, _, err := d.parse(name); isCommand && err == nil && row.words != nil {
		arg = strings.TrimLeft(arg, " ")
		return before[:len(before)-len(arg)], beginning(row.words(arg), arg)
	}
	if start := c.messageStart(before); start < len(before) {
		if kept, words, ok := c.json.Complete(before[start:]); ok {
			return before[:start] + kept, continuing(words, line[pos:])
		}
	}
	word := before[strings.LastIndexFunc(before, unicode.IsSpace)+1:]
	if path, isFile := strings.CutPrefix(word, "@"); isFile {
		return before[:len(before)-len(path)], files(path)
	}
	word = before[strings.LastIndexFunc(before, notInWord)+1:]
	return before[:len(before)-len(word)], c.recent.words(word)
}

// continuing returns candidates of JSON, without the part that already follows the cursor.
func continuing(words []string, after string) []terminal.Candidate {
	list := make([]terminal.Candidate, len(words))
	for i, word := range words {
		for n := len(word); n > 0; n-- {
			if strings.HasPrefix(after, word[len(word)-n:]) {
				word = word[:len(word)-n]
				break
			}
		}
		list[i] = terminal.Candidate{Text: word, Open: true}
	}
	return list
}

// Hint returns the usage of the command on the line, or "".
func (c *Completion) Hint(line string) string {
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		return ""
	}
	row, _, err := c.dialect.Load().parse(line)
	if err != nil {
		return ""
	}
	return row.usage() + "  " + row.help
}

// verbNames returns the verbs of a dialect.
func verbNames(d *Dialect) (list []terminal.Candidate) {
	for _, row := range d.verbs() {
		list = append(list, terminal.Candidate{Text: row.name, Note: row.help})
	}
	return list
}

// beginning returns the candidates that begin with the typed text.
func beginning(list []terminal.Candidate, typed string) []terminal.Candidate {
	return slices.DeleteFunc(list, func(one terminal.Candidate) bool { return !strings.HasPrefix(one.Text, typed) })
}
