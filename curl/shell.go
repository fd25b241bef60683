package curl

import (
	"errors"
	"strings"
)

// ErrIncomplete is the error for a command line that is incomplete: a quote is open, or its last line is continued.
var ErrIncomplete = errors.New("the command line is incomplete")

// split splits a command line into words by the rules of the shell whose quoting it uses. Variables and command substitutions
// are rejected: nothing is expanded or run.
func split(text string) ([]string, error) {
	switch {
	case isPowerShell(text):
		return splitWebRequest(text)
	case continuedBy(text, '`'):
		return splitPowerShell(text)
	case continuedBy(text, '^'):
		return splitCmd(text)
	}
	return splitBash(text)
}

// continuedBy reports whether a text uses an escape character outside of quotes: '^' for cmd.exe, '`' for PowerShell. In bash
// '^' is an ordinary and rare character; a backquote only counts at the end of a line.
func continuedBy(text string, escape byte) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == escape && (escape == '^' || endsLine(text[i+1:])):
			return true
		case c == '\\':
			i++
		case c == '\'' || c == '"':
			ansi := i > 0 && text[i-1] == '$'
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && (c == '"' || ansi) {
					i++
				}
			}
		}
	}
	return false
}

// unescape returns the meaning of a letter in a list of pairs of a letter and its meaning.
func unescape(pairs string, letter byte) (string, bool) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == letter {
			return pairs[i+1 : i+2], true
		}
	}
	return "", false
}

// endsLine reports whether a text begins with a line break.
func endsLine(text string) bool {
	return strings.HasPrefix(text, "\n") || strings.HasPrefix(text, "\r\n")
}

// onlyOne returns an error if anything but white space and separators follows the command.
func onlyOne(rest string) error {
	if strings.Trim(rest, " \t\r\n;&") != "" {
		return usagef("expected one command line, but another follows it: %.40q", strings.TrimLeft(rest, " \t\r\n;&"))
	}
	return nil
}
