package dial

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// proxyOption is the source of a proxy that Options.Proxy names.
const proxyOption = "the proxy option"

// proxy is a proxy through which a target is reached.
type proxy struct {
	scheme     string // http, https, socks5 or socks5h
	host, port string
	user       *url.Userinfo // nil = none
	source     string        // proxyOption, or the variable of the environment that names it
}

// proxyFor returns the proxy for target: that of the options, else that of the environment; nil = none.
func (o Options) proxyFor(target Target) (*proxy, error) {
	switch {
	case o.Proxy == noProxy, o.UnixSocket != "", target.Unix != "":
		return nil, nil
	case o.Proxy != "":
		return parseProxy(o.Proxy, proxyOption)
	}
	return o.proxyFromEnv(target)
}

// parseProxy reads a proxy URL; without a scheme it is http. Its errors are of type *UsageError, and show no password.
func parseProxy(s, source string) (*proxy, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, &UsageError{Message: fmt.Sprintf("%s: not a URL: %v", source, plainURLError(err))}
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme == "socks" {
		scheme = "socks5h"
	}
	port, known := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[scheme]
	if !known {
		return nil, &UsageError{Message: fmt.Sprintf("%s: the scheme %q is not http, https, socks5 or socks5h", source, u.Scheme)}
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return nil, &UsageError{Message: fmt.Sprintf("%s: %v", source, err)}
	}
	p := &proxy{scheme: scheme, host: host, port: cmp.Or(u.Port(), port), user: u.User, source: source}
	if !isPort(p.port) {
		return nil, &UsageError{Message: fmt.Sprintf("%s: the port %s is not between 1 and 65535", source, p.port)}
	}
	return p, nil
}

// String returns the URL of the proxy, without user and password.
func (p *proxy) String() string { return p.scheme + "://" + p.address() }

func (p *proxy) address() string { return net.JoinHostPort(p.host, p.port) }

func (p *proxy) isSOCKS() bool { return strings.HasPrefix(p.scheme, "socks") }

// dialThroughProxy connects to host:port through the proxy.
func (a *attempt) dialThroughProxy(ctx context.Context, p *proxy, host, port string) (net.Conn, error) {
	a.proxy = p
	a.handshake.Proxy = fmt.Sprintf("%s (%s)", p, p.source)
	conn, err := a.dialTCP(ctx, p.host, p.port)
	if err != nil {
		return nil, err
	}
	defer a.addTime(&a.handshake.Timing.Proxy)()
	if p.scheme == "https" {
		if conn, err = a.secureProxy(ctx, conn, p.host); err != nil {
			return nil, err
		}
	}
	through := conn
	if p.isSOCKS() {
		err = a.socks(ctx, conn, p, host, port)
	} else {
		through, err = a.tunnel(ctx, conn, p, net.JoinHostPort(withoutZone(host), port))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return through, nil
}
