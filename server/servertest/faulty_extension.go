package servertest

import (
	"fmt"
	"strconv"
	"strings"
)

// offer is an extension with its parameters, as the client offered it.
type offer struct {
	name   string
	params []param
}

type param struct {
	name, value string
	hasValue    bool
}

// negotiateDeflate returns the Sec-WebSocket-Extensions of the response; "" = none.
func (c *faultyConn) negotiateDeflate(r *request) (answer string, refused *refusal) {
	var offers []offer
	for _, value := range r.values("Sec-WebSocket-Extensions") {
		parsed, ok := parseOffers(value)
		if !ok {
			return "", badRequest("malformed Sec-WebSocket-Extensions")
		}
		offers = append(offers, parsed...)
	}
	for _, o := range offers {
		if o.name != "permessage-deflate" {
			if c.has("unknown-extension-refused") {
				return "", badRequest("unknown extension " + o.name)
			}
			continue
		}
		if p, ok := c.acceptOffer(o); ok {
			return c.agree(p), nil
		}
		if c.has("deflate-fallback-ignored") {
			return "", nil
		}
	}
	return "", nil
}

// acceptOffer reads the parameters of an offer and reports whether it is acceptable (RFC 7692, section 7).
func (c *faultyConn) acceptOffer(o offer) (p deflateParams, ok bool) {
	seen := map[string]bool{}
	for _, given := range o.params {
		if seen[given.name] && !c.has("deflate-parameter-twice-accepted") {
			return p, false
		}
		seen[given.name] = true
		switch given.name {
		case "server_no_context_takeover":
			p.serverNoContext, ok = true, !given.hasValue
		case "client_no_context_takeover":
			p.clientNoContext, ok = true, !given.hasValue
		case "server_max_window_bits":
			p.serverBits, ok = c.windowBits(given.value)
		case "client_max_window_bits":
			if p.clientBits, ok = -1, true; given.hasValue {
				p.clientBits, ok = c.windowBits(given.value)
			}
		default:
			ok = c.has("deflate-unknown-parameter-accepted")
		}
		if !ok {
			return p, false
		}
	}
	return p, true
}

// windowBits reads a number from 8 to 15 without leading zeros.
func (c *faultyConn) windowBits(value string) (int, bool) {
	n, err := strconv.Atoi(value)
	switch {
	case err == nil && n >= 8 && n <= 15 && strconv.Itoa(n) == value:
		return n, true
	case c.has("deflate-window-bits-accepted"):
		return 15, true
	}
	return 0, false
}

// agree starts compression and returns the response header.
func (c *faultyConn) agree(p deflateParams) string {
	if c.has("deflate-server-bits-ignored") {
		p.serverBits = 0
	}
	if c.has("deflate-server-context-ignored") {
		p.serverNoContext = false
	}
	if p.clientBits == 0 && c.has("deflate-client-bits-unasked") {
		p.clientBits = 12
	}
	c.deflate = &deflate{agreed: p}
	answer := []string{"permessage-deflate"}
	if p.serverNoContext {
		answer = append(answer, "server_no_context_takeover")
	}
	if p.clientNoContext {
		answer = append(answer, "client_no_context_takeover")
	}
	if p.serverBits > 0 {
		answer = append(answer, fmt.Sprint("server_max_window_bits=", p.serverBits))
	}
	if p.clientBits > 0 {
		answer = append(answer, fmt.Sprint("client_max_window_bits=", p.clientBits))
	}
	return strings.Join(answer, "; ")
}

// parseOffers reads a Sec-WebSocket-Extensions (RFC 6455, section 9.1).
func parseOffers(value string) (offers []offer, ok bool) {
	for _, element := range splitQuoted(value, ',') {
		words := splitQuoted(element, ';')
		o := offer{name: strings.Trim(words[0], " \t")}
		if !isToken(o.name) {
			return nil, false
		}
		for _, word := range words[1:] {
			name, value, hasValue := strings.Cut(word, "=")
			p := param{strings.Trim(name, " \t"), strings.Trim(value, " \t"), hasValue}
			if len(p.value) > 1 && strings.HasPrefix(p.value, `"`) && strings.HasSuffix(p.value, `"`) {
				p.value = strings.ReplaceAll(p.value[1:len(p.value)-1], `\`, "")
			}
			if !isToken(p.name) || hasValue && !isToken(p.value) {
				return nil, false
			}
			o.params = append(o.params, p)
		}
		offers = append(offers, o)
	}
	return offers, true
}

// splitQuoted splits at a separator outside quoted strings.
func splitQuoted(s string, separator byte) []string {
	var parts []string
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}
