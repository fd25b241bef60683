package dial

import (
	"strings"

	"golang.org/x/net/http/httpguts"
)

const redacted = "[redacted]"

// secret is true for a header whose value lets others pass for us.
func secret(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"authorization", "cookie", "x-auth", "token", "secret", "password", "api-key", "apikey"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// Redact replaces what is secret in header lines. The scheme of an Authorization stays, and so do the names of cookies.
func Redact(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = redactLine(line)
	}
	return out
}

func redactLine(line string) string {
	name, value, _ := strings.Cut(line, ":")
	if !httpguts.ValidHeaderFieldName(name) || !secret(name) {
		return line
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization":
		if scheme, _, both := strings.Cut(value, " "); both {
			return name + ": " + scheme + " " + redacted
		}
	case "cookie":
		return name + ": " + redactCookies(value)
	case "set-cookie":
		pair, attributes, _ := strings.Cut(value, ";")
		return strings.TrimSuffix(name+": "+redactCookies(pair)+";"+attributes, ";")
	}
	return name + ": " + redacted
}

// redactCookies keeps the names of "a=1; b=2".
func redactCookies(pairs string) string {
	cookies := strings.Split(pairs, ";")
	for i, cookie := range cookies {
		name, _, found := strings.Cut(strings.Trim(cookie, " \t"), "=")
		cookies[i] = redacted
		if found {
			cookies[i] = name + "=" + redacted
		}
	}
	return strings.Join(cookies, "; ")
}
