package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

const (
	quicWindow    = 4 << 20          // flow control window: how much a server may send before it is read, in bytes
	quicKeepAlive = 10 * time.Second // a connection without traffic for quicIdle is lost
	quicIdle      = 30 * time.Second
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
		closeTransport(c.transport)
	})
	return nil
}

func closeTransport(transport *quic.Transport) {
	transport.Close()
	transport.Conn.Close()
}

// connectedSocket is a connected UDP socket. Only to a connected one does the kernel report that the port is closed.
type connectedSocket struct{ *net.UDPConn }

func (s connectedSocket) WriteTo(p []byte, _ net.Addr) (int, error) { return s.Write(p) }

func (s connectedSocket) WriteMsgUDP(p, oob []byte, _ *net.UDPAddr) (n, oobn int, err error) {
	return s.UDPConn.WriteMsgUDP(p, oob, nil)
}

// dialQUIC connects to the target by QUIC, which does the TLS handshake as well: to the addresses of its name, several at a
// time (RFC 8305). Of several failures it returns the first.
func (a *attempt) dialQUIC(ctx context.Context) (*quicConn, error) {
	host, port := connectTo(a.dialer.connectRules, a.target.Host, a.target.Port)
	a.dialing = net.JoinHostPort(host, port)
	addresses := resolved(a.dialer.pinned, host, port)
	if _, literal := netip.ParseAddr(addresses[0]); literal != nil {
		found, err := a.lookup(ctx, host, port)
		if err != nil {
			return nil, err
		}
		addresses = interleaved(found)
	}
	defer a.addTime(&a.handshake.Timing.Connect)()
	t := race(ctx, addresses, func(ctx context.Context, address string) *quicTry {
		return a.tryQUIC(ctx, net.JoinHostPort(address, port))
	})
	a.handshake.TLS, a.askedForCertificate = &t.tls, t.asked
	switch {
	case t.err == nil:
		a.setAddresses(t.conn)
		return t.conn, nil
	case alpnRefused(t.err):
		return nil, a.failure(UpgradeStep, HTTP3.notSupported())
	}
	a.keepUnverified(t.err)
	return nil, a.fail(ctx, quicStep(t.err), http3Error(t.err))
}

// quicTry is an attempt to connect to one address.
type quicTry struct {
	conn  *quicConn           // nil if there is an error
	tls   tls.ConnectionState // as far as the handshake got
	asked bool                // the server asked for our certificate
	err   error
}

// done reports whether a server was reached. One that refused would refuse at another of its addresses as well.
func (t *quicTry) done() bool {
	wrong, ok := errors.AsType[*quic.TransportError](t.err)
	return t.err == nil || ok && (wrong.Remote || wrong.ErrorCode.IsCryptoError())
}

func (t *quicTry) drop() {
	if t.conn != nil {
		t.conn.Close()
	}
}

// tryQUIC connects to one address.
func (a *attempt) tryQUIC(ctx context.Context, address string) *quicTry {
	t := &quicTry{}
	network := "udp" + a.options.network()[len("tcp"):]
	dialer := net.Dialer{}
	if a.options.Source != "" {
		dialer.LocalAddr = &net.UDPAddr{IP: net.ParseIP(a.options.Source)}
	}
	socket, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		t.err = err
		return t
	}
	transport := &quic.Transport{Conn: connectedSocket{socket.(*net.UDPConn)}}
	conn, err := transport.Dial(ctx, socket.RemoteAddr(), a.quicTLS(t), quicConfig())
	if err != nil {
		closeTransport(transport)
		t.err = err
		return t
	}
	t.tls = conn.ConnectionState().TLS
	t.conn = &quicConn{Conn: conn, transport: transport}
	return t
}

// quicTLS returns a configuration that also keeps the server's certificates if the handshake fails.
func (a *attempt) quicTLS(t *quicTry) *tls.Config {
	config := a.tlsConfig()
	check := config.VerifyConnection
	config.VerifyConnection = func(state tls.ConnectionState) error {
		t.tls = state
		return check(state)
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		t.asked = true
		return a.ourCertificate(), nil
	}
	return config
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

// quicStep distinguishes a failed TLS handshake from an unreachable host.
func quicStep(err error) Step {
	if transport, ok := errors.AsType[*quic.TransportError](err); ok && transport.ErrorCode.IsCryptoError() {
		return TLSStep
	}
	return stepOf(err)
}

// alertsFrom is the first error code of QUIC that stands for a TLS alert (RFC 9001, 4.8).
const alertsFrom = 0x100

// http3Error translates an error of the library.
func http3Error(err error) error {
	var stream *quic.StreamError
	var closed *quic.ApplicationError
	var transport *quic.TransportError
	var idle *quic.IdleTimeoutError
	var reset *quic.StatelessResetError
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.As(err, &stream):
		return &streamError{fmt.Sprintf("the server reset the stream: %v", http3.ErrCode(stream.ErrorCode)), err}
	case errors.As(err, &closed):
		return &streamError{fmt.Sprintf("the server closed the connection: %v%s", http3.ErrCode(closed.ErrorCode), quotedReason(closed.ErrorMessage)), err}
	case errors.As(err, &transport) && transport.Remote && transport.ErrorCode.IsCryptoError():
		return &net.OpError{Op: "remote error", Err: tls.AlertError(transport.ErrorCode - alertsFrom)} // as crypto/tls returns it
	case errors.As(err, &transport) && transport.ErrorCode.IsCryptoError():
		return verificationError(transport)
	case errors.As(err, &transport) && transport.Remote:
		return &streamError{fmt.Sprintf("the server closed the connection: %v%s", transport.ErrorCode, quotedReason(transport.ErrorMessage)), err}
	case errors.As(err, &idle):
		return &streamError{fmt.Sprintf("nothing was received from the server for %v", quicIdle), err}
	case errors.As(err, &reset):
		return &streamError{"the server no longer knows the connection", err}
	}
	return err
}

// verificationError returns the error for which this side rejected a certificate.
func verificationError(transport *quic.TransportError) error {
	for _, cause := range transport.Unwrap() {
		if cause != nil && cause != net.ErrClosed {
			return cause
		}
	}
	return transport
}

func quotedReason(reason string) string {
	if reason == "" {
		return ""
	}
	return fmt.Sprintf(": %q", reason)
}
