package client

import "context"

// carrier is a connection of HTTP/2 that carries many WebSockets to one server.
type carrier struct {
	dialer    *dialer
	conn      *http2Conn
	handshake Handshake // as far as all have it in common
}

// carry connects, and opens no WebSocket yet. Its errors are those of newDialer and of dialer.connect.
func carry(ctx context.Context, url string, o Options) (*carrier, error) {
	o.HTTP = HTTP2
	d, err := newDialer(url, o)
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
	return &carrier{d, conn, *a.handshake}, nil
}

// connect opens a WebSocket; closing it leaves the others alone. Redirects are not followed: they lead elsewhere.
func (c *carrier) connect(ctx context.Context) (*upgraded, error) {
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

// Close ends all that it carries.
func (c *carrier) Close() error { return c.conn.Close() }
