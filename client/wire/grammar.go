package wire

import (
	"fmt"
	"strings"
)

// parseExtensions parses headers of the form (RFC 6455, section 9.1):
//
//	name *( ";" parameter [ "=" ( token | quoted token ) ] ) *( "," … )
func parseExtensions(headers []string) ([]extension, error) {
	var list []extension
	for _, h := range headers {
		s := scanner(h)
		for !s.end() {
			if s.delimiter(',') { // a list may have empty elements (RFC 9110, section 5.6.1)
				continue
			}
			e, ok := s.extension()
			if !ok || !s.end() && !s.delimiter(',') {
				return nil, fmt.Errorf("extensions %q: malformed at %q", h, string(s))
			}
			list = append(list, e)
		}
	}
	return list, nil
}

// scanner is the rest of a header that is being parsed.
type scanner string

func (s *scanner) space()    { *s = scanner(strings.TrimLeft(string(*s), " \t")) }
func (s *scanner) end() bool { s.space(); return *s == "" }

// delimiter skips space and c, and reports whether c was next.
func (s *scanner) delimiter(c byte) bool {
	s.space()
	if *s == "" || (*s)[0] != c {
		return false
	}
	*s = (*s)[1:]
	return true
}

// token reads a token (RFC 9110, section 5.6.2); "" = no token is next.
func (s *scanner) token() string {
	s.space()
	n := 0
	for n < len(*s) && isToken((*s)[n]) {
		n++
	}
	t := (*s)[:n]
	*s = (*s)[n:]
	return string(t)
}

func isToken(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func (s *scanner) extension() (extension, bool) {
	e := extension{name: s.token()}
	if e.name == "" {
		return e, false
	}
	for s.delimiter(';') {
		p, ok := s.parameter()
		if !ok {
			return e, false
		}
		e.parameters = append(e.parameters, p)
	}
	return e, true
}

func (s *scanner) parameter() (parameter, bool) {
	p := parameter{name: s.token()}
	if p.name == "" || !s.delimiter('=') {
		return p, p.name != ""
	}
	p.valued = true
	s.space()
	quoted := s.delimiter('"')
	p.value = s.token()
	if quoted && (*s == "" || (*s)[0] != '"') {
		return p, false
	}
	if quoted {
		*s = (*s)[1:]
	}
	return p, p.value != ""
}

// extension is one element of a Sec-WebSocket-Extensions header.
type extension struct {
	name       string
	parameters []parameter
}

type parameter struct {
	name, value string
	valued      bool
}
