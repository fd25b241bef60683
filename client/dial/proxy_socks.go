package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	socks "golang.org/x/net/proxy"
)

// socks asks a SOCKS proxy for a connection to host:port over conn (RFC 1928). With the scheme socks5 the name is resolved
// locally, with socks5h by the proxy.
func (a *attempt) socks(ctx context.Context, conn net.Conn, p *proxy, host, port string) error {
	if p.scheme == "socks5" {
		addresses, err := a.lookup(ctx, host, port)
		if err != nil {
			return err
		}
		host = addresses[0]
	}
	var auth *socks.Auth
	if login := a.dialer.proxyLogin(p); login != nil {
		password, _ := login.Password()
		auth = &socks.Auth{User: login.Username(), Password: password}
	}
	dialer, err := socks.SOCKS5("tcp", p.address(), auth, connected{conn})
	if err != nil {
		return a.fail(ctx, ProxyStep, err)
	}
	_, err = dialer.(socks.ContextDialer).DialContext(ctx, "tcp", net.JoinHostPort(withoutZone(host), port))
	if err != nil {
		return a.fail(ctx, ProxyStep, socksError(err))
	}
	return nil
}

// connected is a dialer that returns an existing connection.
type connected struct{ net.Conn }

func (c connected) Dial(string, string) (net.Conn, error) { return c.Conn, nil }

func (c connected) DialContext(context.Context, string, string) (net.Conn, error) { return c.Conn, nil }

// socksReply is the text of a SOCKS proxy's error reply.
type socksReply struct{ text string }

func (r *socksReply) Error() string { return r.text }

// socksError distinguishes the proxy's reply, which the library returns only as text, from errors of the connection.
func socksError(err error) error {
	for operation := (*net.OpError)(nil); errors.As(err, &operation); {
		err = operation.Err
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &socksReply{strings.TrimPrefix(err.Error(), "unknown error ")}
}

// lookup returns the addresses of host, at least one: those of Options.Resolve, else those of DNS.
func (a *attempt) lookup(ctx context.Context, host, port string) ([]string, error) {
	addresses := resolved(a.dialer.pinned, host, port)
	if addresses[0] != host {
		return addresses, nil
	}
	a.dialing = net.JoinHostPort(host, port)
	defer a.addTime(&a.handshake.Timing.DNS)()
	resolver := a.options.resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	found, err := resolver.LookupNetIP(ctx, strings.Replace(a.options.network(), "tcp", "ip", 1), host)
	if err != nil {
		return nil, a.fail(ctx, NameStep, err)
	}
	addresses = nil
	for _, address := range found {
		addresses = append(addresses, address.Unmap().String())
	}
	return addresses, nil
}
