package dial

import (
	"context"
	"crypto/tls"
	"strings"
)

// overHTTP2 opens a WebSocket over HTTP/2 (RFC 8441), on a connection of its own.
func (a *attempt) overHTTP2(ctx context.Context) (*Conn, error) {
	conn, err := a.dialHTTP2(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := a.openHTTP2(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	stream.alone = true
	return a.upgraded, nil
}

// dialHTTP2 opens a connection on which streams may be opened.
func (a *attempt) dialHTTP2(ctx context.Context) (*http2Conn, error) {
	conn, err := a.dial(ctx)
	if alpnRefused(err) {
		return nil, a.failure(UpgradeStep, HTTP2.notSpoken())
	}
	if err != nil {
		return nil, err
	}
	if secured, ok := conn.(*tls.Conn); ok && secured.ConnectionState().NegotiatedProtocol != HTTP2.alpn() {
		conn.Close()
		return nil, a.failure(UpgradeStep, HTTP2.notSpoken())
	}
	return newHTTP2Conn(conn), nil
}

// alpnRefused is true if the server found no protocol in common (RFC 7301, 3.2).
func alpnRefused(err error) bool {
	return err != nil && strings.Contains(err.Error(), "no application protocol")
}

// openHTTP2 opens a WebSocket on a connection that may carry others.
func (a *attempt) openHTTP2(ctx context.Context, conn *http2Conn) (*http2Stream, error) {
	defer a.timed(&a.handshake.Timing.Upgrade)()
	if err := conn.ready(ctx); err != nil {
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	fields := a.connectFields()
	a.handshake.Request = a.shown(fieldLines(fields))
	stream, err := conn.open(fields)
	if err != nil {
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	response, lines, err := stream.response(ctx)
	if err != nil {
		stream.Close()
		return nil, a.fail(ctx, UpgradeStep, err)
	}
	if err := a.conclude(ctx, stream, response, lines); err != nil {
		stream.Close()
		return nil, err
	}
	return stream, nil
}

// ready waits for the server's settings, and looks whether they allow what we want to ask.
func (c *http2Conn) ready(ctx context.Context) error {
	select {
	case <-c.settled:
	case <-ctx.Done():
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return c.err
	}
	if !c.peer.extended {
		return HTTP2.notExtended()
	}
	return nil
}
