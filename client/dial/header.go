package dial

import (
	"bufio"
	"fmt"
	"io"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// HeaderLine is a line to add to the opening handshake, spelled as it is to be sent.
type HeaderLine struct {
	Name   string
	Value  string
	Remove bool // leave out the default line of this name
}

// ParseHeader reads "Name: value", or "Name:" which removes a default line. Its errors are of type *UsageError.
func ParseHeader(s string) (HeaderLine, error) {
	name, value, found := strings.Cut(s, ":")
	if !found {
		return HeaderLine{}, &UsageError{Message: "a header line has no colon", Hint: "write headers as 'Name: value'"}
	}
	value = strings.Trim(value, " \t")
	line := HeaderLine{Name: strings.Trim(name, " \t"), Value: value, Remove: value == ""}
	return line, line.check()
}

// ParseHeaders reads a header line from each line that is not empty. A *UsageError begins with the number of the line.
func ParseHeaders(r io.Reader) ([]HeaderLine, error) {
	var lines []HeaderLine
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	for number := 1; scanner.Scan(); number++ {
		if strings.TrimSpace(scanner.Text()) == "" {
			continue
		}
		line, err := ParseHeader(scanner.Text())
		if usage, ok := err.(*UsageError); ok {
			return nil, &UsageError{Message: fmt.Sprintf("line %d: %s", number, usage.Message), Hint: usage.Hint, Reason: usage.Reason}
		}
		lines = append(lines, line)
	}
	return lines, scanner.Err()
}

// check returns a *UsageError if the line cannot be sent.
func (h HeaderLine) check() error {
	if !httpguts.ValidHeaderFieldName(h.Name) {
		return &UsageError{Message: "a header name is not a token (RFC 9110, section 5.6.2)"}
	}
	if reason, owned := ownedByHandshake()[textproto.CanonicalMIMEHeaderKey(h.Name)]; owned {
		return &UsageError{Message: fmt.Sprintf("header %s is reserved for the opening handshake", h.Name), Reason: reason}
	}
	if h.Remove && strings.EqualFold(h.Name, "Host") {
		return &UsageError{Message: "header Host cannot be removed (RFC 9110, 7.2)"}
	}
	return checkValue("header "+h.Name, h.Value)
}

// ownedByHandshake returns the headers that only the handshake sets, each with the reason that a hint depends on.
func ownedByHandshake() map[string]Reason {
	return map[string]Reason{
		"Connection":               "",
		"Upgrade":                  "",
		"Sec-Websocket-Key":        "",
		"Sec-Websocket-Version":    "",
		"Sec-Websocket-Accept":     "",
		"Sec-Websocket-Extensions": OwnedExtensions,
		"Sec-Websocket-Protocol":   OwnedSubprotocol,
		"Content-Length":           OwnedBody,
		"Transfer-Encoding":        OwnedBody,
	}
}

// checkValue returns an error for characters that would end a header line or begin another.
func checkValue(what, value string) error {
	if !httpguts.ValidHeaderFieldValue(value) {
		return &UsageError{Message: what + " contains a control character"}
	}
	return nil
}

// checkSubprotocols returns an error for a name that a header cannot carry, or that is repeated (RFC 6455, section 4.1). A name need
// not be a token: some servers have names that are not.
func checkSubprotocols(names []string) error {
	seen, shown := map[string]bool{}, redactSubprotocols(names)
	for i, name := range names {
		if name == "" || strings.ContainsAny(name, " \t,") || !httpguts.ValidHeaderFieldValue(name) {
			return &UsageError{Message: fmt.Sprintf("subprotocol %q must not be empty or contain a space, a comma or a control character", shown[i])}
		}
		if seen[name] {
			return &UsageError{Message: fmt.Sprintf("subprotocol %q was given twice", shown[i])}
		}
		seen[name] = true
	}
	return nil
}
