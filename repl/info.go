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

// describe formats a handshake as lines of a name and a value. Values from the server are not escaped yet.
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

// describeView formats the present view as lines of a name and a value.
func (s *sender) describeView() string {
	view := s.Output.View()
	var text strings.Builder
	for _, row := range [][2]string{
		{"format", shownFormat(view)}, {"timestamps", view.Timestamps}, {"only", strings.Join(view.Only, " ")},
		{"grep", view.Grep}, {"grep-v", view.GrepV}, {"trace", s.traceState()}, {"record", s.Output.Recording()},
	} {
		if row[1] != "" && row[1] != off {
			fmt.Fprintf(&text, "%-12s %s\n", row[0], row[1])
		}
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// describeStats formats the statistics of a session.
func describeStats(s client.Stats) string {
	var text strings.Builder
	fmt.Fprintf(&text, "sent         %s\n", describeCounts(s.Sent, s.Uptime))
	fmt.Fprintf(&text, "received     %s\n", describeCounts(s.Received, s.Uptime))
	fmt.Fprintf(&text, "connected    %s, connection %d\n", s.Uptime.Round(time.Second), s.Connections)
	if trips := s.RoundTrips; trips.Count > 0 {
		fmt.Fprintf(&text, "round trips  %d: last %s, min %s, median %s, max %s\n",
			trips.Count, roundTime(trips.Last), roundTime(trips.Min), roundTime(trips.Median), roundTime(trips.Max))
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// describeCounts formats counts, with the rates per second.
func describeCounts(c client.Counts, during time.Duration) string {
	text := fmt.Sprintf("%d messages, %d bytes", c.Messages, c.Bytes)
	if seconds := during.Seconds(); seconds > 0 {
		text += fmt.Sprintf(" (%.1f/s, %.0f bytes/s)", float64(c.Messages)/seconds, float64(c.Bytes)/seconds)
	}
	return text
}

// roundTime rounds a duration to about three digits.
func roundTime(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(100 * time.Nanosecond)
}
