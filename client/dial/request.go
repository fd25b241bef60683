package dial

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// requestLines returns the request line and the header lines of an opening handshake (RFC 6455, 4.1), in the order and
// spelling in which they are sent. Some servers require exactly the spelling "Sec-WebSocket-Key".
func (a *attempt) requestLines(library http.Header) []string {
	o := a.options
	lines := []string{
		"GET " + a.path() + " HTTP/1.1",
		"Host: " + a.host(),
	}
	for _, line := range []HeaderLine{
		{Name: "User-Agent", Value: cmp.Or(o.UserAgent, defaultUserAgent)},
		{Name: "Upgrade", Value: "websocket"},
		{Name: "Connection", Value: "Upgrade"},
		{Name: "Sec-WebSocket-Key", Value: library.Get("Sec-WebSocket-Key")},
		{Name: "Sec-WebSocket-Version", Value: "13"},
		{Name: "Sec-WebSocket-Extensions", Value: o.offer()},
		{Name: "Sec-WebSocket-Protocol", Value: strings.Join(o.Subprotocols, ", ")},
		{Name: "Origin", Value: o.Origin},
		{Name: "Authorization", Value: a.authorization},
		{Name: "Cookie", Value: a.cookies},
	} {
		if line.Value != "" && !replaced(o.Header, line.Name) {
			lines = append(lines, line.Name+": "+line.Value)
		}
	}
	for _, line := range o.Header {
		if !line.Remove && !strings.EqualFold(line.Name, "Host") {
			lines = append(lines, line.Name+": "+line.Value)
		}
	}
	return lines
}

// host returns the value of the Host header.
func (a *attempt) host() string {
	for _, line := range a.options.Header {
		if strings.EqualFold(line.Name, "Host") {
			return line.Value
		}
	}
	return cmp.Or(a.options.Host, a.target.authority())
}

// replaced reports whether a line of the options replaces or removes the default line of that name.
func replaced(lines []HeaderLine, name string) bool {
	return slices.ContainsFunc(lines, func(line HeaderLine) bool { return strings.EqualFold(line.Name, name) })
}
