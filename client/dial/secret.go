package dial

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Redacted stands in the place of a secret.
const Redacted = "[redacted]"

// secretWords are words that make a header or a query parameter secret if its name contains one of them.
var secretWords = [...]string{"auth", "token", "secret", "session", "credential", "signature", "password", "passwd", "apikey", "api-key", "api_key"}

// secretHeaderWords are further words that make a header secret.
var secretHeaderWords = [...]string{"key", "cookie"}

// secretParameters are further names of query parameters that are secret.
var secretParameters = [...]string{"key", "sig", "jwt", "code", "pwd", "pass", "ticket", "bearer", "sid"}

// publicHeaders are not secret, although their names match.
var publicHeaders = [...]string{"sec-websocket-key", "www-authenticate", "proxy-authenticate", ":authority"}

// secretHeader reports whether the value of a header may be a credential.
func secretHeader(name string) bool {
	name = strings.ToLower(name)
	if slices.Contains(publicHeaders[:], name) {
		return false
	}
	return containsAny(name, secretWords[:]) || containsAny(name, secretHeaderWords[:])
}

// secretParameter reports whether the value of a query parameter may be a credential. The name is escaped as in the URL.
func secretParameter(name string) bool {
	name = strings.ToLower(parameterName(name))
	return slices.Contains(secretParameters[:], name) || strings.HasPrefix(name, "x-amz-") || containsAny(name, secretWords[:])
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(s, word) })
}

// RedactURL replaces user info and the values of secret query parameters in a URL, or in a path with a query. The rest stays
// unchanged, also if s is not a URL.
func RedactURL(s string) string {
	if scheme := strings.Index(s, "//"); scheme >= 0 {
		rest := s[scheme+2:]
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			s = s[:scheme+2] + Redacted + rest[at:]
		}
	} else if at := strings.LastIndexByte(s, '@'); at >= 0 && !strings.ContainsAny(s[:at], "/?#") {
		s = Redacted + s[at:] // without a scheme
	}
	path, query, found := strings.Cut(s, "?")
	if !found {
		return s
	}
	return path + "?" + redactQuery(query)
}

// redactQuery replaces the values of secret parameters. Some servers also separate parameters by ";": a part without a name
// then belongs to the value before it.
func redactQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		var shown []string
		hidden := false
		for part := range strings.SplitSeq(pair, ";") {
			name, _, assigned := strings.Cut(part, "=")
			switch {
			case assigned && secretParameter(name):
				shown, hidden = append(shown, name+"="+Redacted), true
			case assigned || !hidden:
				shown, hidden = append(shown, part), false
			}
		}
		pairs[i] = strings.Join(shown, ";")
	}
	return strings.Join(pairs, "&")
}

// Redact replaces secrets in the lines of a request or response. It keeps the scheme of an Authorization, and the names of cookies
// and query parameters.
func Redact(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = redactLine(line)
	}
	return out
}

func redactLine(line string) string {
	if request, isGet := strings.CutPrefix(line, "GET "); isGet {
		target, version, _ := strings.Cut(request, " ")
		return "GET " + RedactURL(target) + " " + version
	}
	if path, isPath := strings.CutPrefix(line, ":path: "); isPath {
		return ":path: " + RedactURL(path)
	}
	name, value, found := strings.Cut(line, ":")
	if !found || !httpguts.ValidHeaderFieldName(name) {
		return line
	}
	value = strings.Trim(value, " \t")
	if shown := RedactHeader(name, value); shown != value {
		return name + ": " + shown
	}
	return line
}

// RedactHeader returns the value of a header without its secrets.
func RedactHeader(name, value string) string {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization":
		if scheme, _, both := strings.Cut(value, " "); both {
			return scheme + " " + Redacted
		}
	case "cookie":
		return redactCookies(value)
	case "set-cookie":
		pair, attributes, found := strings.Cut(value, ";")
		if found {
			return redactCookies(pair) + ";" + attributes
		}
		return redactCookies(pair)
	case "location", "content-location", "referer":
		return RedactURL(value)
	case "sec-websocket-protocol":
		return strings.Join(redactSubprotocols(strings.Split(value, ",")), ",")
	}
	if secretHeader(name) {
		return Redacted
	}
	return value
}

// redactCookies replaces the values of "a=1; b=2".
func redactCookies(pairs string) string {
	cookies := strings.Split(pairs, ";")
	for i, cookie := range cookies {
		name, _, found := strings.Cut(strings.Trim(cookie, " \t"), "=")
		cookies[i] = Redacted
		if found {
			cookies[i] = name + "=" + Redacted
		}
	}
	return strings.Join(cookies, "; ")
}

// kubernetesToken begins a subprotocol that carries a bearer token.
const kubernetesToken = "base64url.bearer.authorization.k8s.io."

// redactSubprotocol returns a subprotocol, or its beginning where the rest is a token.
func redactSubprotocol(name string) string {
	if len(name) > len(kubernetesToken) && strings.HasPrefix(name, kubernetesToken) {
		return kubernetesToken + Redacted
	}
	if strings.HasPrefix(name, "eyJ") && strings.Count(name, ".") == 2 { // a JSON web token
		return Redacted
	}
	for _, mark := range []string{"bearer", "token", "access_token"} {
		if n := len(mark); len(name) > n+1 && strings.EqualFold(name[:n], mark) && strings.ContainsRune(".-_:", rune(name[n])) {
			return name[:n+1] + Redacted
		}
	}
	return name
}

// redactSubprotocols redacts names that are tokens, and the name that follows "token" or "bearer". It keeps blanks before a name.
func redactSubprotocols(names []string) []string {
	out := make([]string, len(names))
	follows := false
	for i, name := range names {
		bare := strings.TrimLeft(name, " \t")
		blanks := name[:len(name)-len(bare)]
		out[i] = blanks + redactSubprotocol(bare)
		if follows {
			out[i] = blanks + Redacted
		}
		lower := strings.ToLower(strings.TrimRight(bare, " \t"))
		follows = lower == "token" || lower == "bearer" || lower == "access_token"
	}
	return out
}

// withoutTokens returns the subprotocols without those that carry credentials.
func withoutTokens(names []string) []string {
	var public []string
	for i, shown := range redactSubprotocols(names) {
		if shown == names[i] {
			public = append(public, names[i])
		}
	}
	return public
}

// parameterName returns the name in "name=value", without escapes.
func parameterName(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}
