package dial

import (
	"context"

	"wsx/http2"
)

// SharedConn is one HTTP/2 connection that carries WebSocket streams to one server (RFC 8441).
type SharedConn struct {
	dialer    *Dialer
	conn      *http2.Conn
	handshake Handshake // the facts that all streams have in common
}

// NewSharedConn connects to the server of url without opening a stream. It returns the errors of New and Dial.
func NewSharedConn(ctx context.Context, url string, o Options) (*SharedConn, error) {
	o.HTTP = HTTP2
	d, err := New(ctx, url, o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := d.limit(ctx)
	defer cancel()
	a := d.attempt(d.target, newJar())
	conn, err := a.dialHTTP2(ctx)
	if err != nil {
		return nil, err
	}
	return &SharedConn{d, conn, *a.handshake}, nil
}

// Dial opens a stream, which ends with the connection at the latest. Redirects are not followed, since they may lead to other
// servers. The error is an *Error, also if the server allows no more streams on the connection.
func (c *SharedConn) Dial(ctx context.Context) (*Conn, error) {
	ctx, cancel := c.dialer.limit(ctx)
	defer cancel()
	a := c.dialer.attempt(c.dialer.target, newJar())
	shared := c.handshake
	a.handshake = &shared
	if _, err := a.openHTTP2(ctx, c.conn); err != nil {
		return nil, err
	}
	return a.upgraded, nil
}

// Close ends the connection and all its streams.
func (c *SharedConn) Close() error { return c.conn.Close() }
