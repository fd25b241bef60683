package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// extension is an element of a Sec-WebSocket-Extensions header (RFC 6455, section 9.1).
type extension struct {
	name       string
	parameters []parameter
}

type parameter struct{ name, value string }

// The parameters of permessage-deflate (RFC 7692, section 7.1).
const (
	deflateName      = "permessage-deflate"
	serverNoTakeover = "server_no_context_takeover"
	clientNoTakeover = "client_no_context_takeover"
	serverWindowBits = "server_max_window_bits"
	clientWindowBits = "client_max_window_bits"
)

// parseExtensions parses the lines of a header.
func parseExtensions(lines []string) []extension {
	var list []extension
	for element := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		words := strings.Split(element, ";")
		e := extension{name: strings.TrimSpace(words[0])}
		if e.name == "" {
			continue
		}
		for _, word := range words[1:] {
			name, value, _ := strings.Cut(word, "=")
			e.parameters = append(e.parameters, parameter{strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"`)})
		}
		list = append(list, e)
	}
	return list
}

// get returns the value of a parameter, and whether it exists.
func (e extension) get(name string) (string, bool) {
	for _, p := range e.parameters {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// violation returns what is invalid in an offer or an agreement of permessage-deflate (RFC 7692, section 7.1); "" = nothing is.
func (e extension) violation(offered bool) string {
	var names []string
	for _, p := range e.parameters {
		if slices.Contains(names, p.name) {
			return p.name + " twice"
		}
		names = append(names, p.name)
		switch p.name {
		case serverNoTakeover, clientNoTakeover:
			if p.value != "" {
				return p.name + " with a value"
			}
		case serverWindowBits, clientWindowBits:
			if p.value == "" && offered && p.name == clientWindowBits {
				continue
			}
			if n, err := strconv.Atoi(p.value); err != nil || n < 8 || n > 15 || p.value[0] == '0' {
				return fmt.Sprintf("%s=%s", p.name, p.value)
			}
		default:
			return "the parameter " + p.name
		}
	}
	return ""
}

// answers reports whether an agreement is valid for an offer (RFC 7692, sections 7.1.1 and 7.1.2).
func (e extension) answers(offer extension) bool {
	if offer.violation(true) != "" {
		return false
	}
	if _, wanted := offer.get(serverNoTakeover); wanted {
		if _, agreed := e.get(serverNoTakeover); !agreed {
			return false
		}
	}
	atMost := func(name string, needed bool) bool {
		offeredBits, offered := offer.get(name)
		agreedBits, agreed := e.get(name)
		switch {
		case !offered:
			return !agreed || name == serverWindowBits
		case !agreed:
			return !needed
		case offeredBits == "":
			return true
		}
		n, _ := strconv.Atoi(agreedBits)
		limit, _ := strconv.Atoi(offeredBits)
		return n <= limit
	}
	return atMost(serverWindowBits, true) && atMost(clientWindowBits, false)
}

// Agreement returns a function that checks the extensions that the server agreed to against those offered. With agreed, a
// server that supports permessage-deflate must agree to it.
func Agreement(agreed bool) func(*Exchange) Outcome {
	return func(e *Exchange) Outcome {
		offers := parseExtensions([]string{e.Request.Get("Sec-WebSocket-Extensions")})
		for i, line := range e.Request.Lines {
			if name, value, _ := strings.Cut(line, ":"); i > 0 && strings.EqualFold(name, "Sec-WebSocket-Extensions") {
				offers = append(offers, parseExtensions([]string{value})...)
			}
		}
		valid := slices.ContainsFunc(offers, func(o extension) bool { return o.name != deflateName || o.violation(true) == "" })
		switch {
		case !e.Upgraded() && valid:
			return Outcome{Verdict: Fail, Received: e.describe()}
		case !e.Upgraded():
			return Outcome{Verdict: Warn, Received: e.describe()}
		}
		lines := e.Response.Header.Values("Sec-WebSocket-Extensions")
		received := "no extension"
		if len(lines) > 0 {
			received = "Sec-WebSocket-Extensions: " + strings.Join(lines, ", ")
		}
		answer := parseExtensions(lines)
		if len(answer) == 0 {
			if agreed && e.Server.Facts.Deflate != nil {
				return Outcome{Verdict: Fail, Received: received}
			}
			return Outcome{Verdict: Pass, Received: received}
		}
		a := answer[0]
		isValid := len(answer) == 1 && a.name == deflateName && a.violation(false) == "" &&
			slices.ContainsFunc(offers, func(o extension) bool { return o.name == deflateName && a.answers(o) })
		return Holds(isValid, received)
	}
}
