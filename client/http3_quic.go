package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

const (
	quicWindow    = 4 << 20          // how much a server may send before it is read, bytes
	quicKeepAlive = 10 * time.Second // a connection on which nothing moves for quicIdle is lost
	quicIdle      = 30 * time.Second
	quicPatience  = 2 * time.Second // how long an address may be silent if there is another to try
)

// quicConn is a QUIC connection (RFC 9000) with a socket of its own.
type quicConn struct {
	*quic.Conn
	transport *quic.Transport
	once      sync.Once
}

// Close ends the connection at once: what the server has not acknowledged may be lost.
func (c *quicConn) Close() error {
	c.once.Do(func() {
		c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
		hangUpQUIC(c.transport)
	})
	return nil
}

func hangUpQUIC(transport *quic.Transport) {
	transport.Close()
	transport.Conn.Close()
}

// connectedSocket lets the kernel tell that nothing listens at the other end, which an unconnected socket never hears of.
type connectedSocket struct{ *net.UDPConn }

func (s connectedSocket) WriteTo(p []byte, _ net.Addr) (int, error) { return s.Write(p) }

func (s connectedSocket) WriteMsgUDP(p, oob []byte, _ *net.UDPAddr) (n, oobn int, err error) {
	return s.UDPConn.WriteMsgUDP(p, oob, nil)
}

// dialQUIC connects to the target by QUIC, which does the TLS handshake as well: to the addresses of its name, one after the
// other. Of several failures it tells the last.
func (a *attempt) dialQUIC(ctx context.Context) (conn *quicConn, err error) {
	host, port := connectTo(a.dialer.detours, a.target.Host, a.target.Port)
	a.dialing = net.JoinHostPort(host, port)
	addresses := []string{host}
	if _, literal := netip.ParseAddr(host); literal != nil {
		if addresses, err = a.lookup(ctx, host, port); err != nil {
			return nil, err
		}
	}
	defer a.timed(&a.handshake.Timing.Connect)()
	for i, address := range addresses {
		if conn, err = a.dialQUICAddress(ctx, net.JoinHostPort(address, port), i == len(addresses)-1); err == nil {
			return conn, nil
		}
	}
	if alpnRefused(err) {
		return nil, a.failure(UpgradeStep, HTTP3.notSpoken())
	}
	return nil, a.fail(ctx, quicStep(err), http3Error(err))
}

func (a *attempt) dialQUICAddress(ctx context.Context, address string, last bool) (*quicConn, error) {
	if !last {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, quicPatience)
		defer cancel()
	}
	network := "udp" + a.options.network()[len("tcp"):]
	socket, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	transport := &quic.Transport{Conn: connectedSocket{socket.(*net.UDPConn)}}
	conn, err := transport.Dial(ctx, socket.RemoteAddr(), a.quicTLS(), quicConfig())
	if err != nil {
		hangUpQUIC(transport)
		a.keepUnverified(err)
		return nil, err
	}
	state := conn.ConnectionState().TLS
	a.handshake.TLS = &state
	a.handshake.Local, a.handshake.Remote = conn.LocalAddr().String(), conn.RemoteAddr().String()
	return &quicConn{Conn: conn, transport: transport}, nil
}

func quicConfig() *quic.Config {
	return &quic.Config{
		HandshakeIdleTimeout:           time.Hour, // the context is what ends it
		MaxIdleTimeout:                 quicIdle,
		KeepAlivePeriod:                quicKeepAlive,
		MaxIncomingStreams:             -1,
		InitialStreamReceiveWindow:     quicWindow,
		MaxStreamReceiveWindow:         quicWindow,
		InitialConnectionReceiveWindow: quicWindow,
		MaxConnectionReceiveWindow:     quicWindow,
	}
}

// quicTLS also keeps what the handshake showed, should it fail.
func (a *attempt) quicTLS() *tls.Config {
	config := a.tlsConfig()
	check := config.VerifyConnection
	a.handshake.TLS = &tls.ConnectionState{}
	config.VerifyConnection = func(state tls.ConnectionState) error {
		a.handshake.TLS = &state
		return check(state)
	}
	return config
}

// quicStep tells a TLS handshake that failed from a host that was not reached.
func quicStep(err error) Step {
	var transport *quic.TransportError
	if errors.As(err, &transport) && transport.ErrorCode.IsCryptoError() {
		return TLSStep
	}
	return stepOf(err)
}
