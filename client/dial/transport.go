package dial

import (
	"context"
	"net"
	"net/http"

	"github.com/quic-go/quic-go"
	"golang.org/x/net/http2/hpack"
)

// Transport is a connection to the server of a URL on which no request was written yet. It is meant for testing how a server
// responds to requests that Dial never sends.
type Transport struct {
	Conn      net.Conn            // TCP, a unix socket, or TLS on one of them; nil over HTTP/3
	QUIC      *quic.Conn          // nil unless over HTTP/3
	Request   []string            // request line and header lines that Dial would send over HTTP/1.1, without the key
	Fields    []hpack.HeaderField // fields of the extended CONNECT that Dial would write over HTTP/2 and HTTP/3
	Handshake *Handshake          // addresses, TLS and timing

	close func() error
}

// Close closes the connection.
func (t *Transport) Close() error { return t.close() }

// Connect opens a connection over the version of HTTP in the options. Redirects are not followed. It fails as Dial does.
func (d *Dialer) Connect(ctx context.Context) (*Transport, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	a := d.attempt(d.target, newJar())
	t := &Transport{Request: a.requestLines(http.Header{}), Fields: a.connectFields(), Handshake: a.handshake}
	if d.options.HTTP == HTTP3 {
		conn, err := a.dialQUIC(ctx)
		if err != nil {
			return nil, err
		}
		t.QUIC, t.close = conn.Conn, conn.Close
		return t, nil
	}
	conn, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	t.Conn, t.close = conn, conn.Close
	return t, nil
}
