package servertest

import (
	"bufio"
	"errors"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// maxRequest is the maximum size of a request header, in bytes.
const maxRequest = 32 << 10

var (
	errRequestTooLong = errors.New("request header too long")
	errBadRequest     = errors.New("malformed request")
)

// request is a request header as received.
type request struct {
	method, target, version string
	fields                  []field
	exact                   bool // names are compared in exact case
}

type field struct{ name, value string }

// readRequest reads a request header of at most limit bytes.
func readRequest(in *bufio.Reader, limit int, trimNames bool) (*request, error) {
	var lines []string
	for size := 0; ; {
		line, err := readLine(in, limit-size)
		if err != nil {
			return nil, err
		}
		size += len(line) + 2
		if line == "" && len(lines) > 0 {
			break
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	r := &request{}
	words := strings.Split(lines[0], " ")
	if len(words) != 3 || words[0] == "" || words[1] == "" {
		return nil, errBadRequest
	}
	r.method, r.target, r.version = words[0], words[1], words[2]
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if trimNames {
			name = strings.TrimRight(name, " \t")
		}
		if !ok || !isToken(name) || strings.ContainsAny(value, "\x00\r") {
			return nil, errBadRequest
		}
		r.fields = append(r.fields, field{name, strings.Trim(value, " \t")})
	}
	return r, nil
}

// readLine reads a line of at most limit bytes, without its end.
func readLine(in *bufio.Reader, limit int) (string, error) {
	var line []byte
	for {
		b, err := in.ReadByte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		if len(line) >= limit {
			return "", errRequestTooLong
		}
		line = append(line, b)
	}
}

// values returns the values of all fields of a name.
func (r *request) values(name string) []string {
	var all []string
	for _, f := range r.fields {
		if f.name == name || !r.exact && strings.EqualFold(f.name, name) {
			all = append(all, f.value)
		}
	}
	return all
}

// value returns the first field of a name, or "".
func (r *request) value(name string) string {
	if all := r.values(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// list returns the elements of all fields of a name.
func (r *request) list(name string) []string {
	var all []string
	for _, value := range r.values(name) {
		for element := range strings.SplitSeq(value, ",") {
			if element = strings.Trim(element, " \t"); element != "" {
				all = append(all, element)
			}
		}
	}
	return all
}

// isToken reports whether s is a token (RFC 9110, section 5.6.2), as names of fields are.
func isToken(s string) bool { return httpguts.ValidHeaderFieldName(s) }
