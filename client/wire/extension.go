package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// extensionName is the one extension that is implemented (RFC 7692, section 7).
const extensionName = "permessage-deflate"

// The parameters of permessage-deflate (RFC 7692, section 7.1).
const (
	serverNoTakeover = "server_no_context_takeover"
	clientNoTakeover = "client_no_context_takeover"
	serverWindowBits = "server_max_window_bits"
	clientWindowBits = "client_max_window_bits"
)

// Deflate is permessage-deflate as both sides agreed on it (RFC 7692, section 7.1).
type Deflate struct {
	ServerNoContextTakeover bool // the server compresses each message for itself
	ClientNoContextTakeover bool // the client does
	ServerMaxWindowBits     int  // 8 to 15: the server's matches reach back 1<<bits bytes at most; 0 = 15
	ClientMaxWindowBits     int  // the same for the client
}

// sender is what was agreed for what one side sends: its window bits, and whether each message is compressed for itself.
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

// String is the extension as a Sec-WebSocket-Extensions header names it.
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

// Offer is the Sec-WebSocket-Extensions header of a client. It leaves every choice to the server: client_max_window_bits
// without a value allows it to ask for a smaller window, and the other three parameters it may answer unasked
// (RFC 7692, sections 7.1.1 and 7.1.2).
func Offer() string { return extensionName + "; " + clientWindowBits }

// ParseDeflate reads a server's Sec-WebSocket-Extensions headers, the answer to Offer. It is nil when the server agreed
// to nothing. Whatever was not offered, is unknown, is given twice or has a wrong value is an error, after which RFC 7692
// wants the connection failed (section 7.1).
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
		return nil, fmt.Errorf("extension %q agreed to twice", extensionName)
	}
	return list[0].deflate(false)
}

// Accept chooses, as a server does, from a client's Sec-WebSocket-Extensions headers the first offer that we can keep.
// The String of what it returns is the answer; nil = agree to nothing.
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

// extension is one element of a Sec-WebSocket-Extensions header.
type extension struct {
	name       string
	parameters []parameter
}

type parameter struct {
	name, value string
	valued      bool
}

// deflate reads the parameters of a permessage-deflate offer or answer.
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
				continue // the client would keep to a window, and we ask for none
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

// windowBits is a number from 8 to 15 without leading zeros (RFC 7692, section 7.1.2).
func (p parameter) windowBits() (int, error) {
	n, err := strconv.ParseUint(p.value, 10, 8)
	if err != nil || n < 8 || n > 15 || p.value[0] == '0' {
		return 0, fmt.Errorf("parameter %s takes a number from 8 to 15, not %q", p.name, p.value)
	}
	return int(n), nil
}
