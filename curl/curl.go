// Package curl reads and writes command lines of curl. A line that a browser copied becomes the options of a connection, and a
// connection becomes a command line of curl, wscat or websocat. It runs no commands: it only implements the quoting rules of
// shells.
package curl

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"wsx/client/dial"
)

// Command is the request that a command line describes.
type Command struct {
	URL     string        // with the scheme ws or wss where curl has http or https
	Options dial.Options  // those that the line sets; the others are zero
	Timeout time.Duration // for the whole run; 0 = none
	Verbose bool          // show the opening handshake
	Netrc   bool          // look passwords up in the user's .netrc; Options.Netrc is another file
}

// HasSecret reports whether the line has credentials.
func (c *Command) HasSecret() bool {
	o := c.Options
	lines := append(o.Header, dial.HeaderLine{Name: "Sec-WebSocket-Protocol", Value: strings.Join(o.Subprotocols, ", ")})
	return o.User+o.Bearer+o.Passphrase != "" || len(o.Cookies) > 0 || dial.RedactURL(c.URL) != c.URL || dial.RedactURL(o.Proxy) != o.Proxy ||
		slices.ContainsFunc(lines, func(h dial.HeaderLine) bool { return dial.RedactHeader(h.Name, h.Value) != h.Value })
}

// ReadFile returns the content of a file that a line names, such as FILE in -H @FILE.
type ReadFile func(name string) ([]byte, error)

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

func usagef(format string, args ...any) error {
	return &dial.UsageError{Message: fmt.Sprintf(format, args...)}
}
