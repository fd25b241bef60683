package client

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// CloseError says that the server closed with a code other than 1000, 1001 or none.
type CloseError struct {
	URL    string
	Code   int
	Reason string // as sent, not fit for a screen
	Client bool   // it was a client, not a server
}

// normal says whether the code stands for a normal end (RFC 6455, section 7.4.1).
func (e *CloseError) normal() bool { return e.Code == 1000 || e.Code == 1001 || e.Code == 1005 }

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("talk to %s: %s closed with %d", e.URL, otherSide(e.Client), e.Code)
	}
	return fmt.Sprintf("talk to %s: %s closed with %d: %s", e.URL, otherSide(e.Client), e.Code, e.Reason)
}

// otherSide is how errors name it.
func otherSide(client bool) string {
	if client {
		return "the client"
	}
	return "the server"
}

// Kind is the kind of the error event.
func (e *CloseError) Kind() string { return "close" }

// ProtocolError says that the server broke RFC 6455 or 7692, or one of our bounds, and how we closed.
type ProtocolError struct {
	URL    string
	Code   int // the close code we sent: 1002, 1003, 1007, 1009 or 1010
	Reason string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("talk to %s: %s (closed with %d)", e.URL, e.Reason, e.Code)
}

// Kind is the kind of the error event.
func (e *ProtocolError) Kind() string { return "protocol" }

// Hint says what can be done.
func (e *ProtocolError) Hint() string {
	if e.Code == 1009 {
		return "--max-message SIZE accepts larger messages; -f raw and -f bytes need not hold them"
	}
	return ""
}

// LostError says that the connection ended without a Close.
type LostError struct {
	URL    string
	Err    error
	Client bool // the other side was a client, not a server
}

func (e *LostError) Error() string {
	return fmt.Sprintf("talk to %s: connection lost: %s", e.URL, e.why())
}

// errUnwritten says that the stream ended after our Close, and had not taken all that was sent before it.
var errUnwritten = errors.New("not all that was sent could be written")

func (e *LostError) why() string {
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "the stream ended in the middle of a message"
	case errors.Is(e.Err, io.EOF):
		return "the stream ended without a Close frame"
	case errors.Is(e.Err, syscall.ECONNRESET):
		return "reset by " + otherSide(e.Client)
	}
	return e.Err.Error()
}

func (e *LostError) Unwrap() error { return e.Err }

// Kind is the kind of the error event.
func (e *LostError) Kind() string { return "lost" }

// UnconfirmedError says that a session with Options.Reconnect ended, and messages may not have arrived.
type UnconfirmedError struct {
	URL   string
	Count int // messages
}

func (e *UnconfirmedError) Error() string {
	if e.Count == 1 {
		return fmt.Sprintf("talk to %s: 1 message may not have arrived", e.URL)
	}
	return fmt.Sprintf("talk to %s: %d messages may not have arrived", e.URL, e.Count)
}

// Kind is the kind of the error event.
func (e *UnconfirmedError) Kind() string { return "lost" }

// CertificateError says that we have no certificate to show to clients.
type CertificateError struct{ Err error }

func (e *CertificateError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// Kind is the kind of the error event.
func (e *CertificateError) Kind() string { return "tls" }
