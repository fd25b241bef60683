package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Host is the host that a page may come from without being named: the one that its request is for. A name is believed only
// if nobody else can have pointed it at us: to a browser on this machine, who owns a name can show a page from elsewhere
// and then let the name mean 127.0.0.1, and so let the page pass for ours (DNS rebinding). An address, or a name below
// localhost (RFC 6761, section 6.3), is nobody else's.
func Host(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil && remote.Addr().IsLoopback() && !isOurs(r.Host) {
		return "localhost"
	}
	return r.Host
}

// isOurs says whether a host, maybe with a port, is an address or a name that always means the machine that uses it.
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
