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
		return HeaderLine{}, &UsageError{Message: fmt.Sprintf("header %q has no colon", s), Hint: "write it as 'Name: value'"}
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
			return nil, &UsageError{Message: fmt.Sprintf("line %d: %s", number, usage.Message), Hint: usage.Hint}
		}
		lines = append(lines, line)
	}
	return lines, scanner.Err()
}

// check says why the line cannot be sent. Its errors are of type *UsageError.
func (h HeaderLine) check() error {
	if !httpguts.ValidHeaderFieldName(h.Name) {
		return &UsageError{Message: fmt.Sprintf("header name %q is not a token (RFC 9110, 5.6.2)", h.Name)}
	}
	if hint, owned := ownedByHandshake()[textproto.CanonicalMIMEHeaderKey(h.Name)]; owned {
		return &UsageError{Message: fmt.Sprintf("header %s belongs to the handshake", h.Name), Hint: hint}
	}
	if h.Remove && strings.EqualFold(h.Name, "Host") {
		return &UsageError{Message: "header Host cannot be removed (RFC 9110, 7.2)"}
	}
	return checkValue("header "+h.Name, h.Value)
}

// ownedByHandshake are the headers nobody else may set, each with what to do instead.
func ownedByHandshake() map[string]string {
	return map[string]string{
		"Connection":               "",
		"Upgrade":                  "",
		"Sec-Websocket-Key":        "",
		"Sec-Websocket-Version":    "",
		"Sec-Websocket-Accept":     "",
		"Sec-Websocket-Extensions": "--compress and --no-compress say what is offered",
		"Sec-Websocket-Protocol":   "-s offers a subprotocol",
		"Content-Length":           "the request of an opening handshake has no body",
		"Transfer-Encoding":        "the request of an opening handshake has no body",
	}
}

// checkValue refuses what would end a header line or begin another.
func checkValue(what, value string) error {
	if !httpguts.ValidHeaderFieldValue(value) {
		return &UsageError{Message: fmt.Sprintf("%s %q has a control character in it", what, value)}
	}
	return nil
}

// checkTokens wants every name to be a token, and none twice (RFC 6455, 4.1).
func checkTokens(what string, names []string) error {
	seen := map[string]bool{}
	for _, name := range names {
		if !httpguts.ValidHeaderFieldName(name) {
			return &UsageError{Message: fmt.Sprintf("%s %q is not a token (RFC 9110, 5.6.2)", what, name)}
		}
		if seen[name] {
			return &UsageError{Message: fmt.Sprintf("%s %q is offered twice", what, name)}
		}
		seen[name] = true
	}
	return nil
}
