package dial

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/quic-go/quic-go/http3"
)

// checkHTTP3 returns a *UsageError if the options want HTTP/3 and it cannot reach target.
func (o Options) checkHTTP3(target Target) error {
	if o.HTTP != HTTP3 {
		return nil
	}
	p, err := o.proxyFor(target)
	switch {
	case err != nil:
		return err
	case o.UnixSocket != "" || target.Unix != "":
		return &UsageError{Message: "HTTP/3 uses UDP, which does not work over a unix socket"}
	case !target.Secure:
		return &UsageError{Message: "HTTP/3 requires TLS, and a ws URL has none", Reason: HTTP3WithoutTLS}
	case p != nil:
		return &UsageError{Message: fmt.Sprintf("HTTP/3 does not work through a proxy, and %s names one", p.source), Reason: HTTP3Proxy}
	}
	return nil
}

// overHTTP3 opens a WebSocket over HTTP/3 (RFC 9220), on a connection of its own.
func (a *attempt) overHTTP3(ctx context.Context) (*Conn, error) {
	if err := a.options.checkHTTP3(a.target); err != nil {
		return nil, err // only after a redirect: the first target was checked before
	}
	conn, err := a.dialQUIC(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err = a.openHTTP3(ctx, conn)
	if err == nil && !stop() {
		err = a.fail(ctx, UpgradeStep, context.Cause(ctx))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return a.upgraded, nil
}

// openHTTP3 opens a WebSocket stream on conn. It fails when conn is closed.
func (a *attempt) openHTTP3(ctx context.Context, conn *quicConn) error {
	defer a.addTime(&a.handshake.Timing.Upgrade)()
	clientConn := (&http3.Transport{DisableCompression: true, MaxResponseHeaderBytes: maxResponseHeader}).NewClientConn(conn.Conn)
	select {
	case <-clientConn.ReceivedSettings():
	case <-conn.Context().Done():
		return a.fail(ctx, UpgradeStep, http3Error(context.Cause(conn.Context())))
	}
	if !clientConn.Settings().EnableExtendedConnect {
		return a.fail(ctx, UpgradeStep, HTTP3.notExtended())
	}
	request := a.connectRequest()
	stream, err := clientConn.OpenRequestStream(ctx)
	if err == nil {
		err = stream.SendRequestHeader(request)
	}
	if err != nil {
		return a.fail(ctx, UpgradeStep, http3Error(err))
	}
	response, err := finalResponse(stream)
	if err != nil {
		return a.fail(ctx, UpgradeStep, http3Error(err))
	}
	return a.checkResponse(ctx, &http3Stream{RequestStream: stream, conn: conn}, response, responseLines(response))
}

// connectRequest returns an extended CONNECT for the library, which sends the header lines in an order of its own.
func (a *attempt) connectRequest() *http.Request {
	fields := a.connectFields()
	a.handshake.Request = a.shown(fieldLines(fields))
	header := http.Header{"user-agent": nil} // else the library sends its own
	for _, field := range fields {
		if !strings.HasPrefix(field.Name, ":") {
			header[field.Name] = append(header[field.Name], field.Value)
		}
	}
	return &http.Request{Method: http.MethodConnect, Proto: "websocket", URL: a.target.httpURL(), Host: a.host(), Header: header}
}

// finalResponse skips interim responses (RFC 9110, 15.2).
func finalResponse(stream *http3.RequestStream) (*http.Response, error) {
	for range maxInterim {
		response, err := stream.ReadResponse()
		if err != nil || response.StatusCode >= http.StatusOK {
			return response, err
		}
	}
	return nil, fmt.Errorf("more than %d interim responses", maxInterim)
}

// responseLines returns the fields of a response, whose order the library does not keep.
func responseLines(response *http.Response) []string {
	var lines []string
	for name, values := range response.Header {
		for _, value := range values {
			lines = append(lines, strings.ToLower(name)+": "+value)
		}
	}
	slices.Sort(lines)
	return append([]string{fmt.Sprintf(":status: %d", response.StatusCode)}, lines...)
}
