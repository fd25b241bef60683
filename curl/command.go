package curl

import (
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
