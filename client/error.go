package client

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"wsx/client/wire"
	"wsx/errno"
)

// ErrClosed is returned by sends after the session was closed or lost.
var ErrClosed = errors.New("session closed")

// CloseError is a Close frame of the server with a code other than 1000, 1001 or none.
type CloseError struct {
	URL    string
	Code   int
	Reason string // as received; must be escaped before it is shown
	Client bool   // a client closed, not a server
}

// normal reports whether the code stands for a normal end (RFC 6455, section 7.4.1).
func (e *CloseError) normal() bool { return e.Code == 1000 || e.Code == 1001 || e.Code == 1005 }

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("session with %s: %s closed with %d", e.URL, otherSide(e.Client), e.Code)
	}
	return fmt.Sprintf("session with %s: %s closed with %d: %s", e.URL, otherSide(e.Client), e.Code, e.Reason)
}

// Facts returns the facts that a hint depends on. It knows codes of the RFC and of common application protocols.
func (e *CloseError) Facts() (reason string, facts map[string]string) {
	switch {
	case e.Client:
	case e.Code == wire.CodeTooBig:
		reason = "closed-too-big"
	case e.Code == 4401 || e.Code == 3000 || e.Code == 4001 || e.Code == 4003:
		reason = "closed-unauthorized"
	case e.Code == 4406:
		reason = "closed-subprotocol"
	}
	return reason, nil
}

// otherSide returns how errors name the peer.
func otherSide(client bool) string {
	if client {
		return "the client"
	}
	return "the server"
}

// Kind returns the kind of the error event.
func (e *CloseError) Kind() string { return "close" }

// ProtocolError is a violation of RFC 6455 or 7692, or of one of our limits, by the server, and the code that the session was
// closed with.
type ProtocolError struct {
	URL     string
	Code    int // the close code sent: 1002, 1003, 1007, 1009 or 1010
	Reason  string
	HTTP    string // status line of an HTTP response received instead of a frame, to be escaped before it is shown; "" = none
	Inflate bool   // a compressed message does not inflate
}

func (e *ProtocolError) Error() string {
	if e.HTTP != "" {
		return fmt.Sprintf("session with %s: %s: %q", e.URL, e.Reason, e.HTTP)
	}
	return fmt.Sprintf("session with %s: %s (closed with %d)", e.URL, e.Reason, e.Code)
}

// Kind returns the kind of the error event.
func (e *ProtocolError) Kind() string { return "protocol" }

// Facts returns the facts that a hint depends on.
func (e *ProtocolError) Facts() (reason string, facts map[string]string) {
	switch {
	case e.HTTP != "":
		reason = "http-instead-of-frames"
	case e.Code == wire.CodeTooBig:
		reason = "message-too-big"
	case e.Inflate:
		reason = "does-not-inflate"
	}
	return reason, nil
}

// LostError is the end of a connection without a Close frame.
type LostError struct {
	URL    string
	Err    error
	Client bool // the other side was a client, not a server

	Idle    time.Duration // how long nothing had been received; 0 = not known
	NoPong  bool          // Options.PingTimeout ended it
	Retried bool          // the session reconnects
}

// idleHint is the silence from which on an idle timeout of the server or of a proxy is likely: the shortest common ones are 30 s.
const idleHint = 25 * time.Second

// Facts returns the facts that a hint depends on.
func (e *LostError) Facts() (reason string, facts map[string]string) {
	switch {
	case e.Client:
	case e.NoPong:
		reason = "no-pong"
	case e.Idle >= idleHint:
		reason = "lost-idle"
	case !e.Retried:
		reason = "lost"
	}
	return reason, map[string]string{"silence": e.Idle.Round(time.Second).String()}
}

func (e *LostError) Error() string {
	return fmt.Sprintf("session with %s: connection lost: %s", e.URL, e.why())
}

// errUnwritten is the end of the stream after our Close, before all messages sent were written to it.
var errUnwritten = errors.New("some sent messages could not be written")

func (e *LostError) why() string {
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "the stream ended in the middle of a message"
	case errors.Is(e.Err, io.EOF):
		return "the stream ended without a Close frame"
	case errno.IsReset(e.Err):
		return "reset by " + otherSide(e.Client)
	}
	if errors.Is(e.Err, net.ErrClosed) {
		return "the connection was closed"
	}
	return e.Err.Error()
}

func (e *LostError) Unwrap() error { return e.Err }

// Kind returns the kind of the error event.
func (e *LostError) Kind() string { return "lost" }

// UnconfirmedError is the end of a session with Options.Reconnect after which messages may not have arrived.
type UnconfirmedError struct {
	URL   string
	Count int // messages
}

func (e *UnconfirmedError) Error() string {
	if e.Count == 1 {
		return fmt.Sprintf("session with %s: 1 sent message may not have arrived", e.URL)
	}
	return fmt.Sprintf("session with %s: %d sent messages may not have arrived", e.URL, e.Count)
}

// Kind returns the kind of the error event.
func (e *UnconfirmedError) Kind() string { return "lost" }

// Facts returns the reason, for a hint, and no further facts.
func (e *UnconfirmedError) Facts() (reason string, facts map[string]string) {
	return "unconfirmed", nil
}

// CertificateError is the failure to load the certificate of a listener.
type CertificateError struct{ Err error }

func (e *CertificateError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// Kind returns the kind of the error event.
func (e *CertificateError) Kind() string { return "tls" }
