package curl

import (
	"errors"
	"strings"
)

// ErrIncomplete says that a command line goes on: a quote is open, or its last line is continued.
var ErrIncomplete = errors.New("the command line is incomplete")

// split cuts a command line into words as the shell would whose quoting it has. Variables and commands in it are refused:
// nothing is replaced, and nothing run.
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

// continuedBy reports whether a character outside of quotes escapes as it does in cmd.exe, '^', or PowerShell, '`'. In bash a '^'
// means itself and is hardly there; a backquote must end a line here.
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

// unescape returns what a letter stands for in a list of pairs of a letter and its meaning.
func unescape(pairs string, letter byte) (string, bool) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == letter {
			return pairs[i+1 : i+2], true
		}
	}
	return "", false
}

// endsLine reports whether a text begins with the end of a line.
func endsLine(text string) bool {
	return strings.HasPrefix(text, "\n") || strings.HasPrefix(text, "\r\n")
}

// onlyOne refuses what follows the command, unless it is white space and separators.
func onlyOne(rest string) error {
	if strings.Trim(rest, " \t\r\n;&") != "" {
		return usagef("expected one command line, but another follows it: %.40q", strings.TrimLeft(rest, " \t\r\n;&"))
	}
	return nil
}
