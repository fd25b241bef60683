package dial

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"time"
)

// unixSocket returns the path of the unix socket to connect to; "" = none.
func (a *attempt) unixSocket() string {
	return cmp.Or(a.options.UnixSocket, a.target.Unix)
}

// dialUnix connects to the unix socket.
func (a *attempt) dialUnix(ctx context.Context) (net.Conn, error) {
	defer a.addTime(&a.handshake.Timing.Connect)()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", a.unixSocket())
	if err != nil {
		return nil, a.fail(ctx, TCPStep, err)
	}
	a.setAddresses(conn)
	return conn, nil
}

// setAddresses records the addresses of a connection.
func (a *attempt) setAddresses(conn interface {
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}) {
	a.handshake.Local, a.handshake.Remote = conn.LocalAddr().String(), conn.RemoteAddr().String()
}

// dialTCP connects to a host: to the addresses that Options.Resolve gives it, else to those that DNS gives it, several at a
// time (RFC 8305). Of several failures it returns the first.
func (a *attempt) dialTCP(ctx context.Context, host, port string) (net.Conn, error) {
	a.dialing = net.JoinHostPort(host, port)
	var t *tcpTry
	if addresses := resolved(a.dialer.pinned, host, port); len(addresses) > 1 {
		t = a.raceTCP(ctx, addresses, port)
	} else {
		t = a.tryTCP(ctx, net.JoinHostPort(addresses[0], port))
	}
	if t.err != nil {
		return nil, a.fail(ctx, stepOf(t.err), t.err)
	}
	a.setAddresses(t.conn)
	return t.conn, nil
}

// tcpTry is an attempt to connect to one address.
type tcpTry struct {
	conn net.Conn // nil if there is an error
	err  error
}

func (t *tcpTry) done() bool { return t.err == nil }

func (t *tcpTry) drop() {
	if t.conn != nil {
		t.conn.Close()
	}
}

// raceTCP connects to one of several addresses.
func (a *attempt) raceTCP(ctx context.Context, addresses []string, port string) *tcpTry {
	defer a.addTime(&a.handshake.Timing.Connect)()
	return race(ctx, addresses, func(ctx context.Context, address string) *tcpTry {
		conn, err := a.options.netDialer().DialContext(ctx, a.options.network(), net.JoinHostPort(address, port))
		return &tcpTry{conn, err}
	})
}

// tryTCP connects to host:port, and measures the name lookup separately.
func (a *attempt) tryTCP(ctx context.Context, address string) *tcpTry {
	var lookup time.Time
	timing := &a.handshake.Timing
	before := timing.DNS
	defer func(start time.Time) { timing.Connect += time.Since(start) - (timing.DNS - before) }(time.Now())
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { lookup = time.Now() },
		DNSDone:  func(httptrace.DNSDoneInfo) { timing.DNS += time.Since(lookup) },
	})
	dialer := a.options.netDialer()
	conn, err := dialer.DialContext(traced, a.options.network(), address)
	return &tcpTry{conn, err}
}

// netDialer connects by TCP, from Options.Source.
func (o Options) netDialer() *net.Dialer {
	dialer := &net.Dialer{Resolver: o.resolver}
	if o.Source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(o.Source)}
	}
	return dialer
}

// network returns the network name for net.Dial.
func (o Options) network() string {
	switch {
	case o.IPv4Only:
		return "tcp4"
	case o.IPv6Only:
		return "tcp6"
	}
	return "tcp"
}

// stepOf distinguishes a name without an address from an address without a server.
func stepOf(err error) Step {
	var name *net.DNSError
	var none *net.AddrError
	if errors.As(err, &name) || errors.As(err, &none) {
		return NameStep
	}
	return TCPStep
}
