package dial

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coder/websocket"
)

// attempt is one attempt to open one URL: one connection, one request. A redirect is followed by another attempt. It is the
// http.RoundTripper of coder/websocket, which generates the key and checks the response.
type attempt struct {
	dialer        *Dialer
	options       Options // the options of the dialer, without those that must not be used for this target
	target        Target
	certificate   *tls.Certificate // nil = none
	authorization string           // "" = none
	cookies       string           // "" = none
	signed        string           // path and query with a signature; "" = those of target

	handshake           *Handshake
	proxy               *proxy // nil = none
	dialing             string // host:port of the TCP connection
	askedForCertificate bool   // by the server
	upgraded            *Conn  // set by RoundTrip
	err                 error  // set by RoundTrip: an error that the library would wrap
}

// run opens the stream, over the version of HTTP in the options.
func (a *attempt) run(ctx context.Context) (*Conn, error) {
	a.handshake.Direct = a.options.whyNoProxy(a.target)
	if err := a.sign(); err != nil {
		return nil, err
	}
	switch a.options.HTTP {
	case HTTP2:
		return a.overHTTP2(ctx)
	case HTTP3:
		return a.overHTTP3(ctx)
	}
	return a.overHTTP1(ctx)
}

// sign signs the path and the query with Options.Sign, if that is set.
func (a *attempt) sign() (err error) {
	if a.options.Sign == nil {
		return nil
	}
	scheme := "http://"
	if a.target.Secure {
		scheme = "https://"
	}
	a.signed, err = a.options.Sign(scheme + a.host() + a.target.Path)
	return err
}

// path returns the path and query to request.
func (a *attempt) path() string { return cmp.Or(a.signed, a.target.Path) }

// overHTTP1 lets the library perform the handshake, with this attempt as its transport, which keeps the stream.
func (a *attempt) overHTTP1(ctx context.Context) (*Conn, error) {
	url := "ws://" + a.target.authority() + a.target.Path
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: a},
		Subprotocols: a.options.Subprotocols,
	})
	if err != nil {
		return nil, a.failed(err)
	}
	_ = conn.CloseNow() // ends its goroutine; it never had the stream, see closedBody
	return a.upgraded, nil
}

// failed returns the error of RoundTrip, or else that of the library.
func (a *attempt) failed(err error) error {
	if a.err != nil {
		return a.err
	}
	if a.upgraded != nil {
		a.upgraded.Stream.Close()
	}
	return a.failure(UpgradeStep, err)
}

// RoundTrip dials and upgrades. The response that it returns to the library does not give access to the stream.
func (a *attempt) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	conn, err := a.dial(ctx)
	if err != nil {
		a.err = err
		return nil, err
	}
	response, err := a.upgrade(ctx, conn, request.Header)
	if err != nil {
		conn.Close()
		a.err = err
		return nil, err
	}
	return response, nil
}

// dial opens the connection for the upgrade request.
func (a *attempt) dial(ctx context.Context) (net.Conn, error) {
	conn, err := a.connection(ctx)
	if err != nil {
		return nil, err
	}
	if !a.target.Secure {
		return conn, nil
	}
	return a.secure(ctx, conn)
}

// connection returns a byte stream to the target: a unix socket, a tunnel through a proxy, or TCP.
func (a *attempt) connection(ctx context.Context) (net.Conn, error) {
	if a.unixSocket() != "" {
		return a.dialUnix(ctx)
	}
	host, port := connectTo(a.dialer.connectRules, a.target.Host, a.target.Port)
	p, err := a.options.proxyFor(a.target)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return a.dialThroughProxy(ctx, p, host, port)
	}
	return a.dialTCP(ctx, host, port)
}

// addTime returns a function that adds the time since addTime was called to where.
func (a *attempt) addTime(where *time.Duration) (stop func()) {
	start := time.Now()
	return func() { *where += time.Since(start) }
}

// fail explains err, or returns the cause of ctx if that has ended.
func (a *attempt) fail(ctx context.Context, step Step, err error) error {
	awaitDeadline(ctx, err)
	switch cause := context.Cause(ctx); cause {
	case nil:
		return a.failure(step, err)
	case errConnectTimeout:
		return a.failure(step, errConnectTimeout)
	default:
		return fmt.Errorf("%s: %w", a.describe(step), cause)
	}
}

// awaitDeadline waits for ctx to end if err is a deadline error: the deadline of a connection expires a little earlier than
// that of ctx.
func awaitDeadline(ctx context.Context, err error) {
	deadline, has := ctx.Deadline()
	if has && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
}

// interrupt makes reads and writes on conn fail when ctx ends, unless stop was called before and returned true.
func interrupt(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}
