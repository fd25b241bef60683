package dial

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// http3Stream is one WebSocket over HTTP/3, on a connection of its own.
type http3Stream struct {
	*http3.RequestStream
	conn   *quicConn
	closed atomic.Bool // by us
}

func (s *http3Stream) Read(p []byte) (int, error) {
	n, err := s.RequestStream.Read(p)
	return n, s.explain(err)
}

func (s *http3Stream) Write(p []byte) (int, error) {
	n, err := s.RequestStream.Write(p)
	return n, s.explain(err)
}

// CloseWrite ends the sending side: it stands for the end of a TCP stream (RFC 9220, 3).
func (s *http3Stream) CloseWrite() error { return s.RequestStream.Close() }

// Close ends the stream and its connection.
func (s *http3Stream) Close() error {
	s.closed.Store(true)
	return s.conn.Close()
}

func (s *http3Stream) explain(err error) error {
	if err != nil && s.closed.Load() {
		return net.ErrClosed
	}
	return http3Error(err)
}

// alertsFrom is the first error code of QUIC that stands for a TLS alert (RFC 9001, 4.8).
const alertsFrom = 0x100

// http3Error translates an error of the library.
func http3Error(err error) error {
	var stream *quic.StreamError
	var closed *quic.ApplicationError
	var transport *quic.TransportError
	var idle *quic.IdleTimeoutError
	var reset *quic.StatelessResetError
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.As(err, &stream):
		return &streamError{fmt.Sprintf("the server reset the stream: %v", http3.ErrCode(stream.ErrorCode)), err}
	case errors.As(err, &closed):
		return &streamError{fmt.Sprintf("the server closed the connection: %v%s", http3.ErrCode(closed.ErrorCode), quotedReason(closed.ErrorMessage)), err}
	case errors.As(err, &transport) && transport.Remote && transport.ErrorCode.IsCryptoError():
		return &net.OpError{Op: "remote error", Err: tls.AlertError(transport.ErrorCode - alertsFrom)} // as crypto/tls returns it
	case errors.As(err, &transport) && transport.ErrorCode.IsCryptoError():
		return verificationError(transport)
	case errors.As(err, &transport) && transport.Remote:
		return &streamError{fmt.Sprintf("the server closed the connection: %v%s", transport.ErrorCode, quotedReason(transport.ErrorMessage)), err}
	case errors.As(err, &idle):
		return &streamError{fmt.Sprintf("nothing was received from the server for %v", quicIdle), err}
	case errors.As(err, &reset):
		return &streamError{"the server no longer knows the connection", err}
	}
	return err
}

// verificationError returns the error for which this side rejected a certificate.
func verificationError(transport *quic.TransportError) error {
	for _, cause := range transport.Unwrap() {
		if cause != nil && cause != net.ErrClosed {
			return cause
		}
	}
	return transport
}

func quotedReason(reason string) string {
	if reason == "" {
		return ""
	}
	return fmt.Sprintf(": %q", reason)
}
