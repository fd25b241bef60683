package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Host is the host whose pages are accepted without being named: the one that the request is for. A name counts only if no
// stranger can have pointed it at this machine: whoever owns a name can show a page from elsewhere, then let the name mean
// 127.0.0.1, and so pass the page off as one of ours to a browser that runs here (DNS rebinding). An address, or a name below
// localhost (RFC 6761, section 6.3), belongs to no stranger.
func Host(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil && remote.Addr().IsLoopback() && !isOurs(r.Host) {
		return "localhost"
	}
	return r.Host
}

// isOurs reports whether a host, maybe with a port, is an address or a name that always means the machine that uses it.
func isOurs(host string) bool {
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
