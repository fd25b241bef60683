package repl

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"wsx/client"
	"wsx/client/dial"
)

// describe puts a handshake into lines of a name and a value. The values are the server's: they are shown quoted by
// the output like all that it sends.
func describe(h *dial.Handshake) string {
	var text strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&text, "%-12s %s\n", name, value)
		}
	}
	row("url", h.URL)
	if h.Status != 0 {
		row("http", fmt.Sprintf("%s %d", h.HTTP, h.Status))
	}
	row("subprotocol", h.Subprotocol)
	row("extensions", h.Extensions)
	row("proxy", cmp.Or(h.Proxy, h.Direct))
	row("local", h.Local)
	row("remote", h.Remote)
	if h.TLS != nil {
		row("tls", tls.VersionName(h.TLS.Version)+", "+tls.CipherSuiteName(h.TLS.CipherSuite))
	}
	row("server", h.Header.Get("Server"))
	return strings.TrimSuffix(text.String(), "\n")
}

// describeView puts what is shown, and how, into lines of a name and a value.
func (c *sender) describeView() string {
	view := c.Output.View()
	var text strings.Builder
	for _, row := range [][2]string{
		{"format", shownFormat(view)}, {"timestamps", view.Timestamps}, {"only", strings.Join(view.Only, " ")},
		{"grep", view.Grep}, {"grep-v", view.GrepV}, {"trace", c.traceState()}, {"record", c.Output.Recording()},
	} {
		if row[1] != "" && row[1] != off {
			fmt.Fprintf(&text, "%-12s %s\n", row[0], row[1])
		}
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// tally puts a session's numbers into lines.
func tally(s client.Stats) string {
	var text strings.Builder
	fmt.Fprintf(&text, "sent         %s\n", counted(s.Sent, s.Uptime))
	fmt.Fprintf(&text, "received     %s\n", counted(s.Received, s.Uptime))
	fmt.Fprintf(&text, "connected    %s, connection %d\n", s.Uptime.Round(time.Second), s.Connections)
	if trips := s.RoundTrips; trips.Count > 0 {
		fmt.Fprintf(&text, "round trips  %d: last %s, least %s, median %s, most %s\n",
			trips.Count, short(trips.Last), short(trips.Min), short(trips.Median), short(trips.Max))
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// counted returns an amount, and how much that is in a second.
func counted(c client.Counts, during time.Duration) string {
	text := fmt.Sprintf("%d messages, %d bytes", c.Messages, c.Bytes)
	if seconds := during.Seconds(); seconds > 0 {
		text += fmt.Sprintf(" (%.1f/s, %.0f bytes/s)", float64(c.Messages)/seconds, float64(c.Bytes)/seconds)
	}
	return text
}

// short returns a duration in three digits or so.
func short(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(100 * time.Nanosecond)
}
