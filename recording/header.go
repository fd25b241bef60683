package recording

import "strings"

// headerLines returns the lines of a request without its request line, which the fields of HTTP/2 do not have.
func headerLines(request []string) []string {
	if len(request) > 0 && !strings.HasPrefix(request[0], ":") {
		return request[1:]
	}
	return request
}

// cutHeader cuts a header line, or a field of HTTP/2 whose name may begin with a colon.
func cutHeader(line string) (name, value string) {
	pseudo := strings.HasPrefix(line, ":")
	name, value, _ = strings.Cut(strings.TrimPrefix(line, ":"), ":")
	if pseudo {
		name = ":" + name
	}
	return name, strings.TrimSpace(value)
}
