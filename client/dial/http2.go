package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"golang.org/x/net/http2/hpack"

	"wsx/http2"
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
	stream.OwnConn()
	return a.upgraded, nil
}

// dialHTTP2 opens an HTTP/2 connection.
func (a *attempt) dialHTTP2(ctx context.Context) (*http2.Conn, error) {
	conn, err := a.dial(ctx)
	if alpnRefused(err) {
		return nil, a.failure(UpgradeStep, HTTP2.notSupported())
	}
	if err != nil {
		return nil, err
	}
	if secured, ok := conn.(*tls.Conn); ok && secured.ConnectionState().NegotiatedProtocol != HTTP2.alpn() {
		conn.Close()
		return nil, a.failure(UpgradeStep, HTTP2.notSupported())
	}
	return http2.NewClient(conn), nil
}

// alpnRefused reports whether the server found no protocol in common (RFC 7301, section 3.2).
func alpnRefused(err error) bool {
	return err != nil && strings.Contains(err.Error(), "no application protocol")
}

// openHTTP2 opens a WebSocket stream on a connection that may carry others.
func (a *attempt) openHTTP2(ctx context.Context, conn *http2.Conn) (*http2.Stream, error) {
	defer a.addTime(&a.handshake.Timing.Upgrade)()
	if err := conn.Ready(ctx); err != nil {
		return nil, a.fail(ctx, UpgradeStep, translateHTTP2(err))
	}
	fields := a.connectFields()
	a.handshake.Request = a.shown(fieldLines(fields))
	stream, err := conn.Open(fields)
	if err != nil {
		return nil, a.fail(ctx, UpgradeStep, translateHTTP2(err))
	}
	received, err := stream.Response(ctx)
	if err != nil {
		stream.Close()
		return nil, a.fail(ctx, UpgradeStep, translateHTTP2(err))
	}
	if err := a.checkResponse(ctx, stream, http2Response(stream, received), fieldLines(received)); err != nil {
		stream.Close()
		return nil, err
	}
	return stream, nil
}

// http2Response returns a response with these header fields. The stream is its body.
func http2Response(stream *http2.Stream, fields []hpack.HeaderField) *http.Response {
	response := &http.Response{Proto: "HTTP/2.0", ProtoMajor: 2, Header: http.Header{}, Body: stream}
	for _, field := range fields {
		if field.Name == ":status" {
			response.StatusCode, _ = strconv.Atoi(field.Value) // a stream has checked it
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(field.Name)
		response.Header[name] = append(response.Header[name], field.Value)
	}
	return response
}

// translateHTTP2 replaces errors of package http2 by those that are common to all versions of HTTP.
func translateHTTP2(err error) error {
	if preface, ok := errors.AsType[*http2.PrefaceError](err); ok {
		return &notHTTP{preface.Start}
	}
	switch {
	case errors.Is(err, http2.ErrNoExtendedConnect):
		return HTTP2.notExtended()
	case errors.Is(err, http2.ErrHeaderTooLong):
		return errHeaderTooLong
	}
	return err
}
