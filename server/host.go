package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Host returns the host whose pages are accepted without an option: that of the request. From this machine, a name is accepted only
// if it cannot have been made to resolve to it: the owner of a name can serve a page elsewhere and then let the name resolve to
// 127.0.0.1, so that a browser here treats the page as one of this server (DNS rebinding). That is impossible for an address, and for
// a name below localhost (RFC 6761, section 6.3).
func Host(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil && remote.Addr().IsLoopback() && !isLocal(r.Host) {
		return "localhost"
	}
	return r.Host
}

// isLocal reports whether a host, with or without a port, is an address or a name that always resolves to the local machine.
func isLocal(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	name = strings.ToLower(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
