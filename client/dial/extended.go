package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http2/hpack"

	"wsx/errno"
	"wsx/http2"
)

// Over HTTP/2 and HTTP/3 a WebSocket is opened by an extended CONNECT (RFC 8441, RFC 9220): there is no upgrade and no key, and a
// 2xx response opens the stream.

// String returns the version as people write it.
func (v HTTPVersion) String() string {
	return [...]string{HTTP1: "HTTP/1.1", HTTP2: "HTTP/2", HTTP3: "HTTP/3"}[v]
}

// alpn returns the version as TLS negotiates it (RFC 7301).
func (v HTTPVersion) alpn() string {
	return [...]string{HTTP1: "http/1.1", HTTP2: "h2", HTTP3: "h3"}[v]
}

// rfc returns the RFC that specifies WebSocket over the version.
func (v HTTPVersion) rfc() string {
	return [...]string{HTTP1: "RFC 6455", HTTP2: "RFC 8441", HTTP3: "RFC 9220"}[v]
}

// unsupportedError is the error for a server that does not support the version of HTTP, or WebSocket over it.
type unsupportedError struct{ sentence string }

func (u *unsupportedError) Error() string { return u.sentence }

// notSupported returns the error for a server that does not support this version of HTTP.
func (v HTTPVersion) notSupported() error {
	return &unsupportedError{"the server does not support " + v.String()}
}

// notExtended returns the error for a server that has not sent SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441, 3).
func (v HTTPVersion) notExtended() error {
	return &unsupportedError{fmt.Sprintf("the server supports %s, but not WebSocket over it (%s)", v, v.rfc())}
}

// streamError is the error of a stream that was reset, or whose connection ended, in terms of HTTP.
type streamError struct {
	sentence string
	err      error // nil = none
}

func (b *streamError) Error() string { return b.sentence }

func (b *streamError) Unwrap() error { return b.err }

// connectFields returns the fields of an extended CONNECT (RFC 8441, 4), in the order in which they are sent.
func (a *attempt) connectFields() []hpack.HeaderField {
	fields := []hpack.HeaderField{
		{Name: ":method", Value: http.MethodConnect},
		{Name: ":protocol", Value: "websocket"},
		{Name: ":scheme", Value: a.target.httpURL().Scheme},
		{Name: ":path", Value: a.path()},
		{Name: ":authority", Value: a.host()},
	}
	for _, line := range a.requestLines(http.Header{})[2:] { // without the request line and Host
		name, value, _ := strings.Cut(line, ":")
		if name = strings.ToLower(name); !http2.IsConnectionHeader(name) && name != "te" {
			fields = append(fields, hpack.HeaderField{Name: name, Value: strings.TrimSpace(value), Sensitive: secretHeader(name)})
		}
	}
	return fields
}

// fieldLines returns fields as Handshake lists them.
func fieldLines(fields []hpack.HeaderField) []string {
	lines := make([]string, len(fields))
	for i, field := range fields {
		lines[i] = field.Name + ": " + field.Value
	}
	return lines
}

// checkResponse verifies the response to an extended CONNECT, and sets the upgraded connection or returns why it was refused.
// lines are the fields received, with the status.
func (a *attempt) checkResponse(ctx context.Context, stream io.ReadWriteCloser, response *http.Response, lines []string) error {
	a.handshake.Response = a.shown(lines)
	a.handshake.HTTP, a.handshake.Status, a.handshake.Header = response.Proto, response.StatusCode, response.Header
	if response.StatusCode/100 != 2 {
		timer := time.AfterFunc(bodyTimeout, func() { stream.Close() })
		defer timer.Stop()
		status := fmt.Sprintf("%s %d %s", response.Proto, response.StatusCode, http.StatusText(response.StatusCode))
		return a.refused(UpgradeStep, refuse(response, append([]string{status}, lines...), time.Now()))
	}
	subprotocol, err := verifySubprotocol(response.Header, a.options.Subprotocols)
	if err != nil {
		return a.fail(ctx, UpgradeStep, err)
	}
	agreed, err := verifyExtensions(response.Header, subprotocol, a.options)
	if err != nil {
		return a.fail(ctx, UpgradeStep, err)
	}
	a.setHandshake(stream, agreed)
	return nil
}

// extendedExplanations returns the explanations for the response to an extended CONNECT over HTTP/2 or HTTP/3.
func extendedExplanations() []explanation {
	return []explanation{
		{HTTPVersionUnsupported, UpgradeStep, errorAs[*unsupportedError], ""},
		{NoExtendedConnect, UpgradeStep, allOf(isExtended, statusIs(http.StatusMethodNotAllowed, http.StatusNotImplemented)), "{status}"},
		{AnsweredHTTP1, UpgradeStep, allOf(isExtended, startsWith("HTTP/1.")), "the server answered in HTTP/1.1, not in HTTP/2"},
		{ExtendedClosed, UpgradeStep, closedUnanswered, "the server closed the connection without an answer"},
		{StreamBroken, UpgradeStep, isStreamError, ""},
		{UDPTimeout, TCPStep, allOf(isHTTP3, timedOut), "no answer within {timeout}"},
		{UDPRefused, TCPStep, allOf(isHTTP3, errorIs(errno.Refused)), "connection refused"},
	}
}

func isHTTP3(s *failedStep) bool { return s.options.HTTP == HTTP3 }

func closedUnanswered(s *failedStep) bool {
	return isExtended(s) && closedEarly(s) && !s.deniedCertificate()
}

// isStreamError reports whether the server ended the stream before it responded.
func isStreamError(s *failedStep) bool {
	return errorAs[*streamError](s) || errorAs[*http2.ResetError](s) || errorAs[*http2.GoAwayError](s) || errorAs[*http2.ProtocolError](s) ||
		errors.Is(s.err, http2.ErrTooManyStreams)
}
