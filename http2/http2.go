// Package http2 carries WebSockets over HTTP/2: the streams that an extended CONNECT opens (RFC 8441, RFC 9113), in the role
// of the client and of the server.
//
// net/http and golang.org/x/net/http2 have a client and a server of HTTP/2, but send or accept an extended CONNECT only with
// settings of the environment, or not at all. Only their framing and header compression are used here.
package http2

import (
	"errors"
	"fmt"

	"golang.org/x/net/http2"
)

const (
	clientWindow = 4 << 20  // bytes a server may send on a stream before they are read
	serverWindow = 1 << 20  // bytes a client may send on a stream before they are read
	connWindow   = 1 << 30  // bytes a peer may send on all streams; the windows of the streams bound what is held
	clientFrame  = 64 << 10 // bytes of the longest frame that a client receives
	serverFrame  = 16 << 10 // bytes of the longest frame that a server receives: it has many connections
	tableSize    = 4 << 10  // bytes of header fields that both sides remember (RFC 7541, section 4.2)
	maxReason    = 256      // bytes of the reason of a GOAWAY that are kept
)

// MaxHeader is how long the header fields of a received response may be, in bytes.
const MaxHeader = 256 << 10

// Errors that have nothing to add.
var (
	ErrNoExtendedConnect = errors.New("the server does not allow an extended CONNECT (RFC 8441, section 3)")
	ErrTooManyStreams    = errors.New("the server allows no more streams on this connection")
	ErrHeaderTooLong     = errors.New("the header fields are too long")
)

// ResetError is a stream that the peer has ended with RST_STREAM.
type ResetError struct {
	Peer string // "client" or "server"
	Code http2.ErrCode
}

func (e *ResetError) Error() string {
	return fmt.Sprintf("the %s reset the stream: %v", e.Peer, e.Code)
}

// GoAwayError is a connection on which the server accepts no more streams (RFC 9113, section 6.8).
type GoAwayError struct {
	Code   http2.ErrCode
	Reason string // as sent, at most 256 bytes
}

func (e *GoAwayError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("the server sent GOAWAY: %v", e.Code)
	}
	return fmt.Sprintf("the server sent GOAWAY: %v: %q", e.Code, e.Reason)
}

// ProtocolError is a peer that breaks RFC 9113.
type ProtocolError struct {
	Peer   string // "client" or "server"
	Detail string // which rule, or the name of the error code
	Err    error  // nil = there is no other
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("the %s violates HTTP/2: %s", e.Peer, e.Detail)
}

// Unwrap returns the error of the frame.
func (e *ProtocolError) Unwrap() error { return e.Err }

// FloodError is a peer that sends more frames without content than any use explains, or that does not read the replies
// which it asks for.
type FloodError struct {
	Peer   string // "client" or "server"
	Frames string // of which kind
}

func (e *FloodError) Error() string {
	return fmt.Sprintf("the %s floods the connection with %s", e.Peer, e.Frames)
}

// PrefaceError is an answer that does not begin as HTTP/2 does.
type PrefaceError struct{ Start []byte } // its first bytes, at most 64

func (e *PrefaceError) Error() string { return fmt.Sprintf("the answer is not HTTP/2: %q", e.Start) }
