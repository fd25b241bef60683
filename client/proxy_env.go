package client

import (
	"net/netip"
	"strings"
)

// proxyFromEnv asks the environment as curl does: the variable of the scheme, then ALL_PROXY, lower case first; NO_PROXY
// names the exceptions. In a CGI, HTTP_PROXY is what a client sent as the header "Proxy" and is not believed.
func (o Options) proxyFromEnv(target Target) (*proxy, error) {
	names := []string{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}
	if target.Secure {
		names = []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
	}
	exceptions := orDefault(o.env("no_proxy"), o.env("NO_PROXY"))
	for _, name := range names {
		value := o.env(name)
		if value == "" || name == "HTTP_PROXY" && o.env("REQUEST_METHOD") != "" {
			continue
		}
		if excepted(exceptions, target.Host, target.Port) {
			return nil, nil
		}
		return parseProxy(value, name)
	}
	return nil, nil
}

// excepted is true if NO_PROXY names the host: itself, a domain above it, "*", an address or a network, each with a
// port or without. A leading dot means the same as none.
func excepted(list, host, port string) bool {
	address, err := netip.ParseAddr(withoutZone(host))
	isAddress := err == nil
	for _, entry := range strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		name, only := splitException(entry)
		if only != "" && only != port {
			continue
		}
		if name == "*" || isAddress && covers(name, address) || !isAddress && under(host, name) {
			return true
		}
	}
	return false
}

// splitException cuts the port off an entry of NO_PROXY, if it has one.
func splitException(entry string) (name, port string) {
	if _, err := netip.ParseAddr(entry); err == nil {
		return entry, ""
	}
	colon := strings.LastIndexByte(entry, ':')
	if colon < 0 || !isPort(entry[colon+1:]) || strings.Contains(entry, "/") {
		return unbracket(entry), ""
	}
	return unbracket(entry[:colon]), entry[colon+1:]
}

// covers is true if name is the address or a network it lies in.
func covers(name string, address netip.Addr) bool {
	if network, err := netip.ParsePrefix(name); err == nil {
		return network.Contains(address.Unmap())
	}
	one, err := netip.ParseAddr(name)
	return err == nil && one.Unmap() == address.Unmap()
}

// under is true if host is name or lies below it.
func under(host, name string) bool {
	host = strings.TrimSuffix(host, ".")
	name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "*"), "."), ".")
	return name != "" && (host == name || strings.HasSuffix(host, "."+name))
}
