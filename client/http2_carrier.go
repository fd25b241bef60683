package client

import "context"

// Carrier is one connection of HTTP/2 for many sessions with one server.
type Carrier struct {
	dialer    *dialer
	conn      *http2Conn
	handshake Handshake // as far as all have it in common
}

// NewCarrier connects to the server of url, and opens no session yet. It fails as Dial does.
func NewCarrier(ctx context.Context, url string, o Options) (*Carrier, error) {
	o.HTTP, o.Reconnect, o.Resend = HTTP2, false, false
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
	return &Carrier{d, conn, *a.handshake}, nil
}

// Dial opens a session, which ends with the carrier at the latest. Redirects are not followed: they lead elsewhere. It
// fails with a *DialError, also when the server allows no more sessions on one connection.
func (c *Carrier) Dial(ctx context.Context, listener Listener) (*Session, error) {
	up, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	return newSession(up, c.connect, c.dialer.options, listener), nil
}

func (c *Carrier) connect(ctx context.Context) (*upgraded, error) {
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

// Close ends the connection and all sessions that are left.
func (c *Carrier) Close() error { return c.conn.Close() }
