// Package curl reads and writes command lines of curl. A line that a browser copied becomes the options of a connection, and a
// connection becomes a command line of curl, wscat or websocat. It runs no commands: it only implements the quoting rules of
// shells.
package curl

import (
	"path"
	"strings"
)

// Parse parses the arguments of the program. Its errors are of type *dial.UsageError, except those of read.
func Parse(words []string, read ReadFile) (*Command, error) {
	p := &parser{read: read}
	if err := p.words(words); err != nil {
		return nil, err
	}
	return p.build()
}

// ParseLine parses a command line that a browser copied, of curl or PowerShell's Invoke-WebRequest, with the quoting of bash,
// cmd.exe or PowerShell. Its errors are those of Parse, and ErrIncomplete.
func ParseLine(text string, read ReadFile) (*Command, error) {
	words, err := split(text)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 || !isCurl(words[0]) {
		return nil, usagef("expected a command line of curl or Invoke-WebRequest")
	}
	return Parse(words[1:], read)
}

// IsLine reports whether a text begins like a command line of curl or like what browsers copy for PowerShell.
func IsLine(text string) bool {
	text = strings.TrimSpace(text)
	first := text
	if end := strings.IndexAny(text, " \t\r\n"); end >= 0 {
		first = text[:end]
	}
	return isCurl(first) || isPowerShell(text)
}

// IsComplete reports whether a text is a complete command line: no quote is open, and the last line is not continued.
func IsComplete(text string) bool {
	words, err := split(text)
	return err != ErrIncomplete && (err != nil || len(words) > 0)
}

// isCurl reports whether a word names the program.
func isCurl(word string) bool {
	name := strings.ToLower(path.Base(strings.ReplaceAll(word, `\`, "/")))
	return name == "curl" || name == "curl.exe"
}
