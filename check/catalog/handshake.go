package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wsx/check"
	"wsx/check/probe"
)

// request is a check about the opening handshake over HTTP/1.1.
type request struct {
	name     string
	severity check.Severity
	clause   string
	title    string
	sent     string
	change   func(*probe.Request) // nil = the request with the user's options
	expected string
	evaluate func(*check.Exchange) check.Outcome
}

// requests returns the checks of a group. Fields that a row leaves empty are those of shared.
func requests(group string, shared request, rows ...request) []check.Check {
	checks := make([]check.Check, len(rows))
	for i, r := range rows {
		r.severity = cmp.Or(r.severity, shared.severity)
		r.clause = cmp.Or(r.clause, shared.clause)
		r.sent = cmp.Or(r.sent, shared.sent)
		r.expected = cmp.Or(r.expected, shared.expected)
		if r.evaluate == nil {
			r.evaluate = shared.evaluate
		}
		checks[i] = check.Check{
			ID: group + "/" + r.name, Severity: r.severity, Clause: r.clause, Title: r.title, Sent: r.sent, Expected: r.expected,
			Run: check.Requests(check.Request{Change: r.change, Evaluate: r.evaluate}),
		}
	}
	return checks
}

// set returns a change of a request that sets header lines.
func set(lines ...string) func(*probe.Request) {
	return func(r *probe.Request) {
		for _, line := range lines {
			r.Set(line)
		}
	}
}

// add returns a change of a request that adds header lines.
func add(lines ...string) func(*probe.Request) {
	return func(r *probe.Request) {
		for _, line := range lines {
			r.Add(line)
		}
	}
}

// without returns a change of a request that removes the header lines with these names.
func without(names ...string) func(*probe.Request) {
	return func(r *probe.Request) {
		for _, name := range names {
			r.Without(name)
		}
	}
}

// requestLine replaces the method, "GET", or the version, "HTTP/1.1".
func requestLine(method, version string) func(*probe.Request) {
	return func(r *probe.Request) {
		words := strings.Split(r.Lines[0], " ")
		r.Lines[0] = strings.Join([]string{method, words[1], version}, " ")
	}
}

// names rewrites the names of all header lines.
func names(rewrite func(string) string) func(*probe.Request) {
	return func(r *probe.Request) {
		for i, line := range r.Lines[1:] {
			name, value, _ := strings.Cut(line, ":")
			r.Lines[i+1] = rewrite(name) + ":" + value
		}
	}
}

// handshakeAccept is about valid requests in unusual forms.
func handshakeAccept() []check.Check {
	shared := request{severity: check.Must, clause: "RFC 6455 4.2.1", expected: "101, Sec-WebSocket-Accept for the key", evaluate: check.Accepted}
	return requests("handshake.accept", shared,
		request{name: "plain", title: "An opening handshake is accepted.", sent: "a valid request"},
		request{name: "names-lower", clause: "RFC 9110 5.1", title: "Header names may be in lower case.", sent: "sec-websocket-key: …", change: names(strings.ToLower)},
		request{name: "names-upper", clause: "RFC 9110 5.1", title: "Header names may be in upper case.", sent: "SEC-WEBSOCKET-KEY: …", change: names(strings.ToUpper)},
		request{name: "upgrade-case", title: "The value of Upgrade is case-insensitive.", sent: "Upgrade: WebSocket", change: set("Upgrade: WebSocket")},
		request{name: "connection-lower", title: "The value of Connection is case-insensitive.", sent: "Connection: upgrade", change: set("Connection: upgrade")},
		request{name: "connection-list", title: "Connection is a list.", sent: "Connection: keep-alive, Upgrade", change: set("Connection: keep-alive, Upgrade")},
		request{name: "connection-list-tight", title: "Connection is a list, with or without spaces.", sent: "Connection: keep-alive,Upgrade", change: set("Connection: keep-alive,Upgrade")},
		request{name: "connection-lines", severity: check.Should, clause: "RFC 9110 5.3", title: "Connection may be in two header lines.", sent: "Connection: keep-alive, then Connection: Upgrade",
			change: func(r *probe.Request) { r.Set("Connection: keep-alive"); r.Add("Connection: Upgrade") }},
		request{name: "no-space", clause: "RFC 9112 5", title: "No space is needed after the colon.", sent: "Upgrade:websocket",
			change: func(r *probe.Request) { r.Set("Upgrade:websocket"); r.Set("Sec-WebSocket-Version:13") }},
		request{name: "more-space", clause: "RFC 9112 5", title: "Spaces and tabs around a value are ignored.", sent: "Upgrade: \t websocket \t",
			change: func(r *probe.Request) { r.Set("Upgrade: \t websocket \t"); r.Set("Sec-WebSocket-Version: 13  ") }},
		request{name: "order", clause: "RFC 9110 5.3", title: "The order of headers does not matter.", sent: "the headers in reverse order",
			change: func(r *probe.Request) { slices.Reverse(r.Lines[1:]) }},
		request{name: "unknown-header", clause: "RFC 9110 5.1", title: "Unknown headers are ignored.", sent: "X-Unknown: 1", change: add("X-Unknown: 1")},
		request{name: "unknown-extension", clause: "RFC 6455 9.1", title: "Unknown extensions are ignored.", sent: "Sec-WebSocket-Extensions: x-unknown; a=1", change: set("Sec-WebSocket-Extensions: x-unknown; a=1")},
		request{name: "many-headers", severity: check.Should, clause: "RFC 9110 5.4", title: "Fifty more headers are not too many.", sent: "X-Header-1: 1 to X-Header-50: 50",
			change: func(r *probe.Request) {
				for i := range 50 {
					r.Add(fmt.Sprintf("X-Header-%d: %d", i+1, i+1))
				}
			}},
		request{name: "long-header", severity: check.Should, clause: "RFC 9110 5.4", title: "A header of 4000 bytes is not too long.", sent: "X-Long: 4000 bytes", change: add("X-Long: " + strings.Repeat("x", 4000))},
		request{name: "no-user-agent", clause: "RFC 9110 10.1.5", title: "User-Agent is not required.", sent: "no User-Agent", change: without("User-Agent")},
		request{name: "key-plus", title: "A key may contain + and /.", sent: "Sec-WebSocket-Key: ++//++//++//++//++//+w==", change: set("Sec-WebSocket-Key: ++//++//++//++//++//+w==")},
		request{name: "query", severity: check.Should, clause: "RFC 6455 3", title: "The request may have a query.", sent: "GET /…?wsx-check=1",
			change: func(r *probe.Request) {
				words := strings.Split(r.Lines[0], " ")
				separator := "?"
				if strings.Contains(words[1], "?") {
					separator = "&"
				}
				words[1] += separator + "wsx-check=1"
				r.Lines[0] = strings.Join(words, " ")
			}},
		request{name: "bytes", clause: "RFC 9112 2.2", title: "A request may arrive in small parts.", sent: "the request 20 bytes at a time", change: func(r *probe.Request) { r.ChunkSize = 20 }},
	)
}

// handshakeRefuse is about requests that are not a valid opening handshake.
func handshakeRefuse() []check.Check {
	shared := request{severity: check.Must, clause: "RFC 6455 4.2.1", expected: "an HTTP error, like 400", evaluate: check.Refused}
	version := func(name, value, title string) request {
		return request{name: name, clause: "RFC 6455 4.2.2", title: title, sent: "Sec-WebSocket-Version: " + value, expected: "an HTTP error, like 426",
			change: set("Sec-WebSocket-Version: " + value)}
	}
	return requests("handshake.refuse", shared,
		request{name: "post", title: "A request with the method POST is refused.", sent: "POST", change: requestLine("POST", "HTTP/1.1")},
		request{name: "put", title: "A request with the method PUT is refused.", sent: "PUT", change: requestLine("PUT", "HTTP/1.1")},
		request{name: "method-lower", clause: "RFC 9110 9.1", title: "Methods are case-sensitive.", sent: "get", change: requestLine("get", "HTTP/1.1")},
		request{name: "http-1.0", severity: check.Should, title: "A request over HTTP/1.0 is refused.", sent: "HTTP/1.0", change: requestLine("GET", "HTTP/1.0")},
		request{name: "no-host", severity: check.Should, clause: "RFC 9112 3.2", title: "A request without Host is refused.", sent: "no Host", change: without("Host")},
		request{name: "two-hosts", severity: check.Should, clause: "RFC 9112 3.2", title: "A request with two Host headers is refused.", sent: "Host twice", change: add("Host: other.example")},
		request{name: "name-space", severity: check.Should, clause: "RFC 9112 5.1", title: "A space before the colon of a header is refused.", sent: "Upgrade : websocket",
			change: func(r *probe.Request) { r.Without("Upgrade"); r.Add("Upgrade : websocket") }},
		request{name: "no-upgrade", title: "A request without Upgrade is refused.", sent: "no Upgrade", change: without("Upgrade")},
		request{name: "upgrade-other", title: "An upgrade to another protocol is refused.", sent: "Upgrade: h2c", change: set("Upgrade: h2c")},
		request{name: "upgrade-prefix", title: "An upgrade to a protocol whose name only begins with websocket is refused.", sent: "Upgrade: websocket2", change: set("Upgrade: websocket2")},
		request{name: "no-connection", title: "A request without Connection is refused.", sent: "no Connection", change: without("Connection")},
		request{name: "connection-close", title: "A request with Connection: close is refused.", sent: "Connection: close", change: set("Connection: close")},
		request{name: "connection-keep-alive", title: "A request with only Connection: keep-alive is refused.", sent: "Connection: keep-alive", change: set("Connection: keep-alive")},
		request{name: "no-key", title: "A request without a key is refused.", sent: "no Sec-WebSocket-Key", change: without("Sec-WebSocket-Key")},
		request{name: "key-short", severity: check.Should, title: "A key of 15 bytes is refused.", sent: "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA", change: set("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA")},
		request{name: "key-long", severity: check.Should, title: "A key of 17 bytes is refused.", sent: "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA=", change: set("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA=")},
		request{name: "key-no-base64", severity: check.Should, title: "A key that is not base64 is refused.", sent: "Sec-WebSocket-Key: not base64!", change: set("Sec-WebSocket-Key: not base64!")},
		request{name: "key-empty", severity: check.Should, title: "An empty key is refused.", sent: "Sec-WebSocket-Key:", change: set("Sec-WebSocket-Key:")},
		request{name: "key-twice", severity: check.Should, clause: "RFC 6455 11.3.1", title: "A request with two keys is refused.", sent: "Sec-WebSocket-Key twice", change: add("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")},
		request{name: "no-version", clause: "RFC 6455 4.2.1", title: "A request without a protocol version is refused.", sent: "no Sec-WebSocket-Version", change: without("Sec-WebSocket-Version")},
		version("version-0", "0", "Version 0 is refused."),
		version("version-14", "14", "Version 14 is refused."),
		version("version-word", "thirteen", "A version that is not a number is refused."),
	)
}

// handshakeAnswer is about the response to a valid request.
func handshakeAnswer() []check.Check {
	shared := request{severity: check.Must, clause: "RFC 6455 4.2.2", sent: "a valid request"}
	upgraded := func(evaluate func(e *check.Exchange) check.Outcome) func(*check.Exchange) check.Outcome {
		return func(e *check.Exchange) check.Outcome {
			if !e.Upgraded() {
				return check.Outcome{Verdict: check.Inconclusive, Received: "the server did not upgrade"}
			}
			return evaluate(e)
		}
	}
	header := func(name string, isValid func(value string) bool) func(*check.Exchange) check.Outcome {
		return upgraded(func(e *check.Exchange) check.Outcome {
			value := strings.Join(e.Response.Header.Values(name), ", ")
			return check.Holds(isValid(value), name+": "+value)
		})
	}
	absent := func(name string) func(*check.Exchange) check.Outcome {
		return upgraded(func(e *check.Exchange) check.Outcome {
			values := e.Response.Header.Values(name)
			if len(values) == 0 {
				return check.Holds(true, "no "+name)
			}
			return check.Holds(false, name+": "+strings.Join(values, ", "))
		})
	}
	accept := func(key string) func(*check.Exchange) check.Outcome {
		return upgraded(func(e *check.Exchange) check.Outcome {
			value := e.Response.Header.Get("Sec-WebSocket-Accept")
			return check.Holds(value == probe.AcceptFor(key), "Sec-WebSocket-Accept: "+value)
		})
	}
	const example = "dGhlIHNhbXBsZSBub25jZQ=="
	return requests("handshake.answer", shared,
		request{name: "status", title: "The status is 101.", expected: "HTTP/1.1 101",
			evaluate: func(e *check.Exchange) check.Outcome {
				if !e.Upgraded() {
					return check.Accepted(e)
				}
				return check.Holds(strings.HasPrefix(e.Response.Line, "HTTP/1.1 101"), e.Response.Line)
			}},
		request{name: "upgrade", title: "Upgrade names websocket.", expected: "Upgrade: websocket", evaluate: header("Upgrade", func(v string) bool { return strings.EqualFold(v, "websocket") })},
		request{name: "connection", title: "Connection names Upgrade.", expected: "Connection: Upgrade", evaluate: header("Connection", func(v string) bool { return hasElement(v, "upgrade") })},
		request{name: "accept-example", title: "The key of the RFC's example gets the accept value of the example.", sent: "Sec-WebSocket-Key: " + example,
			expected: "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", change: set("Sec-WebSocket-Key: " + example), evaluate: accept(example)},
		request{name: "accept-zeros", title: "The accept value is computed from the key that was sent.", sent: "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
			expected: "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=", change: set("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), evaluate: accept("AAAAAAAAAAAAAAAAAAAAAA==")},
		request{name: "accept-once", clause: "RFC 6455 11.3.3", title: "There is one accept value.", expected: "Sec-WebSocket-Accept once",
			evaluate: upgraded(func(e *check.Exchange) check.Outcome {
				n := len(e.Response.Header.Values("Sec-WebSocket-Accept"))
				return check.Holds(n == 1, fmt.Sprintf("Sec-WebSocket-Accept %d times", n))
			})},
		request{name: "no-extension", clause: "RFC 6455 9.1", title: "If no extension is offered, none is accepted.", sent: "no Sec-WebSocket-Extensions", expected: "no Sec-WebSocket-Extensions",
			change: without("Sec-WebSocket-Extensions"), evaluate: absent("Sec-WebSocket-Extensions")},
		request{name: "no-length", clause: "RFC 9110 8.6", title: "A 101 response has no Content-Length.", expected: "no Content-Length", evaluate: absent("Content-Length")},
		request{name: "no-coding", clause: "RFC 9112 6.1", title: "A 101 response has no Transfer-Encoding.", expected: "no Transfer-Encoding", evaluate: absent("Transfer-Encoding")},
		request{name: "no-key", severity: check.Should, clause: "RFC 6455 11.3.1", title: "A response has no Sec-WebSocket-Key.", expected: "no Sec-WebSocket-Key", evaluate: absent("Sec-WebSocket-Key")},
		request{name: "versions", severity: check.Should, clause: "RFC 6455 4.4", title: "The response to an unsupported version lists the supported versions.", sent: "Sec-WebSocket-Version: 14",
			expected: "an HTTP error with Sec-WebSocket-Version: 13", change: set("Sec-WebSocket-Version: 14"),
			evaluate: func(e *check.Exchange) check.Outcome {
				if e.Err != nil {
					return check.Refused(e)
				}
				value := strings.Join(e.Response.Header.Values("Sec-WebSocket-Version"), ", ")
				return check.Holds(!e.Upgraded() && hasElement(value, "13"), e.Response.Line+", Sec-WebSocket-Version: "+value)
			}},
	)
}

// hasElement reports whether the list in a header has an element, ignoring case.
func hasElement(value, element string) bool {
	for item := range strings.SplitSeq(value, ",") {
		if strings.EqualFold(strings.TrimSpace(item), element) {
			return true
		}
	}
	return false
}

// subprotocol is about the choice of a subprotocol (RFC 6455, sections 1.9 and 4.2.2).
func subprotocol() []check.Check {
	const unknown = "wsx-check-unknown"
	chosen := func(offered ...string) func(*check.Exchange) check.Outcome {
		return func(e *check.Exchange) check.Outcome {
			if !e.Upgraded() {
				return check.Refused(e)
			}
			values := e.Response.Header.Values("Sec-WebSocket-Protocol")
			received := "no subprotocol chosen"
			if len(values) > 0 {
				received = "Sec-WebSocket-Protocol: " + strings.Join(values, ", ")
			}
			return check.Holds(len(values) == 0 || len(values) == 1 && slices.Contains(offered, values[0]), received)
		}
	}
	shared := request{severity: check.Must, clause: "RFC 6455 4.2.2", expected: "one of those offered, none, or an HTTP error"}
	offer := func(name, title string, offered ...string) request {
		value := strings.Join(offered, ", ")
		return request{name: name, title: title, sent: "Sec-WebSocket-Protocol: " + value, change: set("Sec-WebSocket-Protocol: " + value), evaluate: chosen(offered...)}
	}
	var many []string
	for i := range 50 {
		many = append(many, fmt.Sprintf("wsx-check-%d", i+1))
	}
	several := offer("many", "At most one of fifty subprotocols is chosen.", many...)
	several.sent = "Sec-WebSocket-Protocol: wsx-check-1 to wsx-check-50"
	return requests("subprotocol", shared,
		request{name: "none", title: "If no subprotocol is offered, none is chosen.", sent: "no Sec-WebSocket-Protocol", expected: "no Sec-WebSocket-Protocol",
			change: without("Sec-WebSocket-Protocol"), evaluate: chosen()},
		offer("unknown", "A subprotocol that was not offered is not chosen.", unknown),
		offer("two", "At most one of two subprotocols is chosen.", unknown, unknown+"-2"),
		several,
		request{name: "tight", title: "The list of subprotocols needs no spaces.", sent: "Sec-WebSocket-Protocol: a,b", change: set("Sec-WebSocket-Protocol: a,b"), evaluate: chosen("a", "b")},
		request{name: "lines", clause: "RFC 6455 11.3.4", title: "Subprotocols may be offered in two header lines.", sent: "Sec-WebSocket-Protocol: a, then Sec-WebSocket-Protocol: b",
			change: func(r *probe.Request) { r.Set("Sec-WebSocket-Protocol: a"); r.Add("Sec-WebSocket-Protocol: b") }, evaluate: chosen("a", "b")},
		offer("case", "A subprotocol is chosen in the spelling in which it was offered.", "Chat", "SUPERCHAT"),
		request{name: "empty", title: "No subprotocol is chosen from an empty list.", sent: "Sec-WebSocket-Protocol:", change: set("Sec-WebSocket-Protocol:"), evaluate: chosen()},
		request{name: "no-token", clause: "RFC 6455 11.3.4", title: "An invalid token is not chosen.", sent: "Sec-WebSocket-Protocol: a b, c/d", change: set("Sec-WebSocket-Protocol: a b, c/d"), evaluate: chosen()},
		request{name: "own", title: "At most one of the given subprotocols is chosen.", sent: "the given subprotocols",
			evaluate: func(e *check.Exchange) check.Outcome {
				offered := e.Server.Options.Subprotocols
				if len(offered) == 0 {
					return check.Outcome{Verdict: check.Skip, Received: "none was given"}
				}
				return chosen(offered...)(e)
			}},
	)
}
