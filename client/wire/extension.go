package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// extensionName is the only extension that is implemented (RFC 7692, section 7).
const extensionName = "permessage-deflate"

// The parameters of permessage-deflate (RFC 7692, section 7.1).
const (
	serverNoTakeover = "server_no_context_takeover"
	clientNoTakeover = "client_no_context_takeover"
	serverWindowBits = "server_max_window_bits"
	clientWindowBits = "client_max_window_bits"
)

// Deflate has the parameters of permessage-deflate that both sides agreed on (RFC 7692, section 7.1).
type Deflate struct {
	ServerNoContextTakeover bool // the server compresses each message on its own
	ClientNoContextTakeover bool // so does the client
	ServerMaxWindowBits     int  // 8 to 15: the server's matches reach back 1<<bits bytes at most; 0 = 15
	ClientMaxWindowBits     int  // the same for the client
}

// sender returns the parameters of one side: its window bits, and whether it has no context takeover.
func (d *Deflate) sender(server bool) (bits int, fresh bool) {
	bits, fresh = d.ClientMaxWindowBits, d.ClientNoContextTakeover
	if server {
		bits, fresh = d.ServerMaxWindowBits, d.ServerNoContextTakeover
	}
	if bits == 0 {
		bits = 15
	}
	return bits, fresh
}

// String returns the extension as in a Sec-WebSocket-Extensions header.
func (d *Deflate) String() string {
	var b strings.Builder
	b.WriteString(extensionName)
	if d.ServerNoContextTakeover {
		b.WriteString("; " + serverNoTakeover)
	}
	if d.ClientNoContextTakeover {
		b.WriteString("; " + clientNoTakeover)
	}
	if d.ServerMaxWindowBits != 0 {
		fmt.Fprintf(&b, "; %s=%d", serverWindowBits, d.ServerMaxWindowBits)
	}
	if d.ClientMaxWindowBits != 0 {
		fmt.Fprintf(&b, "; %s=%d", clientWindowBits, d.ClientMaxWindowBits)
	}
	return b.String()
}

// Offer returns the Sec-WebSocket-Extensions header of a client. It leaves every choice to the server: client_max_window_bits
// without a value allows a smaller window, and the server may respond with the other three parameters in any case (RFC 7692,
// sections 7.1.1 and 7.1.2).
func Offer() string { return extensionName + "; " + clientWindowBits }

// ParseDeflate parses a server's Sec-WebSocket-Extensions headers, the response to Offer. It returns nil if the server accepted
// no extension. A parameter that was not offered, is unknown, is repeated or has an invalid value is an error, after which the
// connection must be failed (RFC 7692, section 7.1).
func ParseDeflate(answer []string) (*Deflate, error) {
	list, err := parseExtensions(answer)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	for _, e := range list {
		if e.name != extensionName {
			return nil, fmt.Errorf("extension %q was not offered", e.name)
		}
	}
	if len(list) > 1 {
		return nil, fmt.Errorf("extension %q accepted twice", extensionName)
	}
	return list[0].deflate(false)
}

// Accept returns the first offer of a client's Sec-WebSocket-Extensions headers that a server can accept. Its String is the
// response header; nil = accept no extension.
func Accept(offers []string) *Deflate {
	list, err := parseExtensions(offers)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if e.name != extensionName {
			continue
		}
		if d, err := e.deflate(true); err == nil {
			return d
		}
	}
	return nil
}

// deflate parses the parameters of a permessage-deflate offer or response.
func (e extension) deflate(offer bool) (*Deflate, error) {
	d := new(Deflate)
	seen := make(map[string]bool)
	for _, p := range e.parameters {
		if seen[p.name] {
			return nil, fmt.Errorf("parameter %s twice", p.name)
		}
		seen[p.name] = true
		var err error
		switch p.name {
		case serverNoTakeover:
			d.ServerNoContextTakeover, err = true, p.flag()
		case clientNoTakeover:
			d.ClientNoContextTakeover, err = true, p.flag()
		case serverWindowBits:
			d.ServerMaxWindowBits, err = p.windowBits()
		case clientWindowBits:
			if offer && !p.valued {
				continue // the client allows to limit its window, and we do not
			}
			d.ClientMaxWindowBits, err = p.windowBits()
		default:
			err = fmt.Errorf("%s has no parameter %q", extensionName, p.name)
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (p parameter) flag() error {
	if p.valued {
		return fmt.Errorf("parameter %s takes no value, not %q", p.name, p.value)
	}
	return nil
}

// windowBits parses a number from 8 to 15 without leading zeros (RFC 7692, section 7.1.2).
func (p parameter) windowBits() (int, error) {
	n, err := strconv.ParseUint(p.value, 10, 8)
	if err != nil || n < 8 || n > 15 || p.value[0] == '0' {
		return 0, fmt.Errorf("parameter %s takes a number from 8 to 15, not %q", p.name, p.value)
	}
	return int(n), nil
}
