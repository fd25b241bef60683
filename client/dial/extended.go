package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http2/hpack"

	"wsx/errno"
)

// Over HTTP/2 and HTTP/3 a WebSocket is asked for with an extended CONNECT (RFC 8441, RFC 9220): there is no upgrade and no
// key, and a 2xx response opens the stream.

// String is the version as people write it.
func (v HTTPVersion) String() string {
	return [...]string{HTTP1: "HTTP/1.1", HTTP2: "HTTP/2", HTTP3: "HTTP/3"}[v]
}

// alpn is the version as TLS negotiates it (RFC 7301).
func (v HTTPVersion) alpn() string {
	return [...]string{HTTP1: "http/1.1", HTTP2: "h2", HTTP3: "h3"}[v]
}

// rfc is where WebSocket over the version is described.
func (v HTTPVersion) rfc() string {
	return [...]string{HTTP1: "RFC 6455", HTTP2: "RFC 8441", HTTP3: "RFC 9220"}[v]
}

// unspoken is a server that lacks what was asked for, and would do for HTTP/1.1.
type unspoken struct{ sentence string }

func (u *unspoken) Error() string { return u.sentence }

// notSpoken is a server without this version of HTTP.
func (v HTTPVersion) notSpoken() error { return &unspoken{"the server does not speak " + v.String()} }

// notExtended is a server that has not sent SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441, 3).
func (v HTTPVersion) notExtended() error {
	return &unspoken{fmt.Sprintf("the server speaks %s, but not WebSocket over it (%s)", v, v.rfc())}
}

// broken is a stream that ended before its time, in HTTP's words.
type broken struct {
	sentence string
	err      error // nil = there is no other
}

func (b *broken) Error() string { return b.sentence }

func (b *broken) Unwrap() error { return b.err }

// ofHTTP1 are the headers about a connection of HTTP/1.1, which no other version has (RFC 9113, 8.2.2).
var ofHTTP1 = []string{"connection", "upgrade", "keep-alive", "proxy-connection", "te"}

// connectFields are the fields of an extended CONNECT (RFC 8441, 4), in the order in which they are sent.
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
		if name = strings.ToLower(name); !slices.Contains(ofHTTP1, name) {
			fields = append(fields, hpack.HeaderField{Name: name, Value: strings.TrimSpace(value), Sensitive: secretHeader(name)})
		}
	}
	return fields
}

// fieldLines are fields as Handshake lists them.
func fieldLines(fields []hpack.HeaderField) []string {
	lines := make([]string, len(fields))
	for i, field := range fields {
		lines[i] = field.Name + ": " + field.Value
	}
	return lines
}

// conclude settles what the response to an extended CONNECT agreed to, or says why there is no session. Lines are the
// fields received, the status among them.
func (a *attempt) conclude(ctx context.Context, stream io.ReadWriteCloser, response *http.Response, lines []string) error {
	a.handshake.Response = a.shown(lines)
	a.handshake.HTTP, a.handshake.Status, a.handshake.Header = response.Proto, response.StatusCode, response.Header
	if response.StatusCode/100 != 2 {
		enough := time.AfterFunc(bodyPatience, func() { stream.Close() })
		defer enough.Stop()
		status := fmt.Sprintf("%s %d %s", response.Proto, response.StatusCode, http.StatusText(response.StatusCode))
		return a.refused(UpgradeStep, refuse(response, append([]string{status}, lines...), a.now()))
	}
	subprotocol, err := verifySubprotocol(response.Header, a.options.Subprotocols)
	if err != nil {
		return a.fail(ctx, UpgradeStep, err)
	}
	agreed, err := verifyExtensions(response.Header, subprotocol, a.options)
	if err != nil {
		return a.fail(ctx, UpgradeStep, err)
	}
	a.settle(stream, agreed)
	return nil
}

// extendedExplanations are about what comes back when WebSocket is asked for over HTTP/2 or HTTP/3.
func extendedExplanations() []explanation {
	return []explanation{
		{HTTPVersionNotSpoken, UpgradeStep, isUnspoken, ""},
		{NoExtendedConnect, UpgradeStep, allOf(extended, statusIs(http.StatusMethodNotAllowed, http.StatusNotImplemented)), "{status}"},
		{AnsweredHTTP1, UpgradeStep, allOf(extended, answered("HTTP/1.")), "the server answers in HTTP/1.1, not in HTTP/2"},
		{ExtendedClosed, UpgradeStep, unanswered, "the server closed the connection without an answer"},
		{StreamBroken, UpgradeStep, wasBroken, ""},
		{UDPTimeout, TCPStep, allOf(overUDP, tooSlow), "no answer within {timeout}"},
		{UDPRefused, TCPStep, allOf(overUDP, errorIs(errno.Refused)), "connection refused"},
	}
}

func extended(s *symptom) bool { return s.options.HTTP != HTTP1 }

func overUDP(s *symptom) bool { return s.options.HTTP == HTTP3 }

func unanswered(s *symptom) bool { return extended(s) && cutOff(s) && !s.deniedCertificate() }

func isUnspoken(s *symptom) bool {
	var lacks *unspoken
	return errors.As(s.err, &lacks)
}

// wasBroken is true if the server ended the stream before it had answered.
func wasBroken(s *symptom) bool {
	var stream *broken
	return errors.As(s.err, &stream) || brokenHTTP2(s.err)
}
