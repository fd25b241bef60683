package dial

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
)

// pinnedName is an entry of Options.Resolve, a name with its addresses: "HOST:PORT:ADDR[,ADDR]".
type pinnedName struct {
	host, port string // host "*" = any
	addresses  []string
}

// connectRule is an entry of Options.ConnectTo, which maps a host and port to another: "HOST1:PORT1:HOST2:PORT2". An empty part
// stands for any on the left, for the same on the right.
type connectRule struct {
	fromHost, fromPort, toHost, toPort string
}

func parsePinnedName(s string) (pinnedName, error) {
	parts := splitColons(s, 3)
	if len(parts) != 3 || parts[0] == "" || !isPort(parts[1]) {
		return pinnedName{}, &UsageError{Message: fmt.Sprintf("resolve %q is not HOST:PORT:ADDR", s)}
	}
	p := pinnedName{host: normalizeHost(unbracket(parts[0])), port: parts[1]}
	for address := range strings.SplitSeq(parts[2], ",") {
		ip, err := netip.ParseAddr(unbracket(address))
		if err != nil {
			return pinnedName{}, &UsageError{Message: fmt.Sprintf("resolve %q: %q is not an IP address", s, address)}
		}
		p.addresses = append(p.addresses, ip.String())
	}
	return p, nil
}

func parseConnectRule(s string) (connectRule, error) {
	parts := splitColons(s, 4)
	if len(parts) != 4 || parts[1] != "" && !isPort(parts[1]) || parts[3] != "" && !isPort(parts[3]) {
		return connectRule{}, &UsageError{Message: fmt.Sprintf("connect rule %q is not HOST1:PORT1:HOST2:PORT2", s)}
	}
	return connectRule{normalizeHost(unbracket(parts[0])), parts[1], normalizeHost(unbracket(parts[2])), parts[3]}, nil
}

// splitColons cuts s at the first colons outside brackets into at most n parts.
func splitColons(s string, n int) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range s {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == ':' && depth == 0 && len(parts) < n-1:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func unbracket(host string) string {
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// resolved returns the addresses given for host and port, or the host itself.
func resolved(pins []pinnedName, host, port string) []string {
	for _, pin := range pins {
		if (pin.host == "*" || pin.host == strings.ToLower(host)) && pin.port == port {
			return pin.addresses
		}
	}
	return []string{host}
}

// connectTo returns the host and port of the first rule that matches, or host and port themselves.
func connectTo(rules []connectRule, host, port string) (string, string) {
	for _, d := range rules {
		if (d.fromHost == "" || d.fromHost == strings.ToLower(host)) && (d.fromPort == "" || d.fromPort == port) {
			return cmp.Or(d.toHost, host), cmp.Or(d.toPort, port)
		}
	}
	return host, port
}
