// Package http2 implements streams for WebSockets over HTTP/2, opened by an extended CONNECT (RFC 8441, RFC 9113), for clients and
// servers.
//
// net/http and golang.org/x/net/http2 have a client and a server of HTTP/2, but send or accept an extended CONNECT only if GODEBUG
// allows it, or not at all. Only their framing and header compression are used here.
package http2

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/net/http2"
)

const (
	clientWindow = 4 << 20   // bytes a server may send on a stream before they are read
	serverWindow = 1 << 20   // bytes a client may send on a stream before they are read
	connWindow   = 1 << 30   // bytes a peer may send on all streams; the windows of the streams bound the memory
	clientFrame  = 64 << 10  // maximum payload of a frame that a client receives, in bytes
	serverFrame  = 16 << 10  // maximum payload of a frame that a server receives, in bytes: it has many connections
	tableSize    = 4 << 10   // size of the header compression table, in bytes (RFC 7541, section 4.2)
	maxReason    = 256       // maximum length of the reason of a GOAWAY, in bytes; the rest is dropped
	maxHeader    = 256 << 10 // maximum size of a received response header, in bytes
)

// Errors without details.
var (
	ErrNoExtendedConnect = errors.New("the server does not allow an extended CONNECT (RFC 8441, section 3)")
	ErrTooManyStreams    = errors.New("the server allows no more streams on this connection")
	ErrHeaderTooLong     = errors.New("the header fields are too long")
)

// ResetError is the end of a stream by RST_STREAM from the peer.
type ResetError struct {
	Peer string // "client" or "server"
	Code http2.ErrCode
}

func (e *ResetError) Error() string {
	return fmt.Sprintf("the %s reset the stream: %v", e.Peer, e.Code)
}

// GoAwayError is returned when the server has sent GOAWAY and accepts no more streams (RFC 9113, section 6.8).
type GoAwayError struct {
	Code   http2.ErrCode
	Reason string // as received, at most 256 bytes; must be escaped before it is shown
}

func (e *GoAwayError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("the server sent GOAWAY: %v", e.Code)
	}
	return fmt.Sprintf("the server sent GOAWAY: %v: %q", e.Code, e.Reason)
}

// ProtocolError is a violation of RFC 9113 by the peer.
type ProtocolError struct {
	Peer   string // "client" or "server"
	Detail string // the rule, or the name of the error code
	Err    error  // nil = none
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("the %s violates HTTP/2: %s", e.Peer, e.Detail)
}

// Unwrap returns the error of the framer.
func (e *ProtocolError) Unwrap() error { return e.Err }

// FloodError is a peer that sends too many frames without content, or that does not read the replies to its frames.
type FloodError struct {
	Peer   string // "client" or "server"
	Frames string // their kind
}

func (e *FloodError) Error() string {
	return fmt.Sprintf("the %s floods the connection with %s", e.Peer, e.Frames)
}

// PrefaceError is a response that is not HTTP/2.
type PrefaceError struct{ Start []byte } // its first bytes, at most 64

func (e *PrefaceError) Error() string { return fmt.Sprintf("the response is not HTTP/2: %q", e.Start) }

// ServerOptions are the limits of a server's connection. Zero means no limit.
type ServerOptions struct {
	PrefaceTimeout time.Duration // how long the client may take to send its preface and settings
	IdleTimeout    time.Duration // how long a connection without a stream stays open
}

const (
	maxStreams = 1000     // maximum number of streams that a client may have open
	maxRequest = 64 << 10 // maximum size of a request's header fields, in bytes

	never time.Duration = math.MaxInt64
)

// IsConnectionHeader reports whether a field, in lower case, is about a connection of HTTP/1.1, which makes a request malformed
// (RFC 9113, section 8.2.2).
func IsConnectionHeader(name string) bool {
	return slices.Contains([]string{"connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding"}, name)
}
