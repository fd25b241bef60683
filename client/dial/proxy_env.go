package dial

import (
	"net/netip"
	"strings"
)

// proxyFromEnv returns the proxy that the environment names for target; nil = no proxy.
func (o Options) proxyFromEnv(target Target) (*proxy, error) {
	name, value := o.proxyVariable(target)
	if name == "" || o.noProxyEntry(target) != "" {
		return nil, nil
	}
	return parseProxy(value, name)
}

// proxyVariable reads the environment as curl does: the variable of the scheme, then ALL_PROXY, lower case first. In a CGI,
// HTTP_PROXY is the header "Proxy" of a client's request and is ignored. The name "" = no variable is set.
func (o Options) proxyVariable(target Target) (name, value string) {
	names := []string{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}
	if target.Secure {
		names = []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
	}
	for _, name := range names {
		value := o.env(name)
		if value != "" && (name != "HTTP_PROXY" || o.env("REQUEST_METHOD") == "") {
			return name, value
		}
	}
	return "", ""
}

// noProxyEntry returns the variable and the entry of NO_PROXY that matches the target; "" = no entry matches.
func (o Options) noProxyEntry(target Target) string {
	for _, name := range []string{"no_proxy", "NO_PROXY"} {
		if list := o.env(name); list != "" {
			if entry := matchNoProxy(list, target.Host, target.Port); entry != "" {
				return name + " has " + entry
			}
			return ""
		}
	}
	return ""
}

// whyNoProxy returns why the proxy of the environment is not used for target; "" = it is used, or the environment
// names no proxy.
func (o Options) whyNoProxy(target Target) string {
	name, _ := o.proxyVariable(target)
	why := ""
	switch {
	case name == "":
		return ""
	case o.UnixSocket != "" || target.Unix != "":
		why = "it is a unix socket"
	case o.Proxy == noProxy:
		why = "the proxy is set to none"
	case o.Proxy == "":
		why = o.noProxyEntry(target)
	}
	if why == "" {
		return ""
	}
	return name + " is not used: " + why
}

// matchNoProxy returns the entry of a NO_PROXY list that matches the host: its name, a domain above it, "*", an address or a
// network, each with a port or without. A leading dot has no meaning. "" = no entry matches.
func matchNoProxy(list, host, port string) string {
	address, err := netip.ParseAddr(withoutZone(host))
	isAddress := err == nil
	for _, entry := range strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		name, only := splitNoProxyEntry(entry)
		if only != "" && only != port {
			continue
		}
		if name == "*" || isAddress && containsAddress(name, address) || !isAddress && isSubdomain(host, name) {
			return entry
		}
	}
	return ""
}

// splitNoProxyEntry cuts the port off an entry of NO_PROXY, if it has one.
func splitNoProxyEntry(entry string) (name, port string) {
	if _, err := netip.ParseAddr(entry); err == nil {
		return entry, ""
	}
	colon := strings.LastIndexByte(entry, ':')
	if colon < 0 || !isPort(entry[colon+1:]) || strings.Contains(entry, "/") {
		return unbracket(entry), ""
	}
	return unbracket(entry[:colon]), entry[colon+1:]
}

// containsAddress reports whether name is the address, or a network (CIDR) that contains it.
func containsAddress(name string, address netip.Addr) bool {
	if network, err := netip.ParsePrefix(name); err == nil {
		return network.Contains(address.Unmap())
	}
	one, err := netip.ParseAddr(name)
	return err == nil && one.Unmap() == address.Unmap()
}

// isSubdomain reports whether host is name or a subdomain of it.
func isSubdomain(host, name string) bool {
	host = strings.TrimSuffix(host, ".")
	name = normalizeHost(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "*"), "."), "."))
	return name != "" && (host == name || strings.HasSuffix(host, "."+name))
}
