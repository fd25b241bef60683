package client

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"time"
)

// unixSocket is the path of the socket that stands for the target, "" = there is none.
func (a *attempt) unixSocket() string {
	return orDefault(a.options.UnixSocket, a.target.Unix)
}

// dialUnix connects to the unix socket.
func (a *attempt) dialUnix(ctx context.Context) (net.Conn, error) {
	defer a.timed(&a.handshake.Timing.Connect)()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", a.unixSocket())
	if err != nil {
		return nil, a.fail(ctx, TCPStep, err)
	}
	a.reached(conn)
	return conn, nil
}

// reached notes between which addresses there is a connection.
func (a *attempt) reached(conn net.Conn) {
	a.handshake.Local, a.handshake.Remote = conn.LocalAddr().String(), conn.RemoteAddr().String()
}

// dialTCP connects to a host: to the address that Options.Resolve gives it, else to those that DNS gives it, several at a
// time where there are both IPv6 and IPv4 (RFC 8305). Of several failures it tells the first.
func (a *attempt) dialTCP(ctx context.Context, host, port string) (net.Conn, error) {
	a.dialing = net.JoinHostPort(host, port)
	var failed error
	for _, address := range resolved(a.dialer.pinned, host, port) {
		conn, err := a.dialAddress(ctx, net.JoinHostPort(address, port))
		if err == nil {
			a.reached(conn)
			return conn, nil
		}
		if failed == nil {
			failed = err
		}
	}
	return nil, a.fail(ctx, stepOf(failed), failed)
}

// dialAddress connects to host:port, and takes the time of looking the name up apart.
func (a *attempt) dialAddress(ctx context.Context, address string) (net.Conn, error) {
	var lookup time.Time
	timing := &a.handshake.Timing
	before := timing.DNS
	defer func(start time.Time) { timing.Connect += a.now().Sub(start) - (timing.DNS - before) }(a.now())
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { lookup = a.now() },
		DNSDone:  func(httptrace.DNSDoneInfo) { timing.DNS += a.now().Sub(lookup) },
	})
	dialer := net.Dialer{Resolver: a.options.resolver}
	return dialer.DialContext(traced, a.options.network(), address)
}

// network is the name of TCP to net.Dial.
func (o Options) network() string {
	switch {
	case o.IPv4Only:
		return "tcp4"
	case o.IPv6Only:
		return "tcp6"
	}
	return "tcp"
}

// stepOf tells a name without an address from an address without a server.
func stepOf(err error) Step {
	var name *net.DNSError
	var none *net.AddrError
	if errors.As(err, &name) || errors.As(err, &none) {
		return NameStep
	}
	return TCPStep
}
