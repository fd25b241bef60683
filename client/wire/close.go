package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// The close codes that this package uses itself (RFC 6455, section 7.4.1).
const (
	CodeProtocol    = 1002 // a frame that RFC 6455 forbids
	CodeNone        = 1005 // never sent: the Close frame carried no code
	CodeInvalidData = 1007 // text that is not UTF-8, or a message that does not inflate
	CodeTooBig      = 1009 // a message longer than Options.MaxMessage
)

// ErrCloseSent is returned by writes after a Close frame was sent (RFC 6455, section 5.5.1).
var ErrCloseSent = errors.New("a close frame has already been sent")

// ProtocolError is a violation of the protocol by the peer. The caller must fail the connection with its code (RFC 6455,
// section 7.1.7).
type ProtocolError struct {
	Code    int    // the close code to send
	Reason  string // the violation, short enough for a Close frame
	HTTP    string // status line of an HTTP response received instead of a frame; "" = none
	Inflate bool   // a compressed message does not inflate

	// Invalid is the part of a text message that is not UTF-8, as far as it was received. Its Last is false if Rest returns
	// more of the frame; the payload is valid until then. nil = another violation.
	Invalid *Fragment
}

// invalidText returns the error for a text message that is not UTF-8.
func invalidText(text Fragment) error {
	return &ProtocolError{Code: CodeInvalidData, Reason: "a text message that is not UTF-8", Invalid: &text}
}

func (e *ProtocolError) Error() string { return fmt.Sprintf("%s (close code %d)", e.Reason, e.Code) }

var (
	errLongLength    = &ProtocolError{Code: CodeProtocol, Reason: "a frame length that is not minimal"}
	errHugeLength    = &ProtocolError{Code: CodeProtocol, Reason: "a frame length of more than 63 bits"}
	errCutCode       = &ProtocolError{Code: CodeProtocol, Reason: "a close frame with a payload of 1 byte"}
	errReasonText    = &ProtocolError{Code: CodeInvalidData, Reason: "a close reason that is not UTF-8"}
	errMasked        = &ProtocolError{Code: CodeProtocol, Reason: "a masked frame from a server"}
	errUnmasked      = &ProtocolError{Code: CodeProtocol, Reason: "an unmasked frame from a client"}
	errLongControl   = &ProtocolError{Code: CodeProtocol, Reason: "a control frame of more than 125 bytes"}
	errCutControl    = &ProtocolError{Code: CodeProtocol, Reason: "a fragmented control frame"}
	errNoMessage     = &ProtocolError{Code: CodeProtocol, Reason: "a continuation frame outside a message"}
	errMessageInside = &ProtocolError{Code: CodeProtocol, Reason: "a new message inside a fragmented message"}
)

// ValidCode reports whether a Close frame may carry the code: 1000–1003, 1007–1014 or 3000–4999. Other codes are unassigned, or
// reserved for ends without a Close frame (RFC 6455, section 7.4).
func ValidCode(code int) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}

// ClosePayload returns the payload of a Close frame, empty for CodeNone.
func ClosePayload(code int, reason string) []byte {
	if code == CodeNone {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

// ParseClose returns the code and reason in a Close frame's payload, which it does not validate; CodeNone = the frame has no code.
func ParseClose(payload []byte) (code int, reason []byte) {
	if len(payload) < 2 {
		return CodeNone, nil
	}
	return int(binary.BigEndian.Uint16(payload)), payload[2:]
}

// checkClose checks the code and reason of a received Close frame (RFC 6455, sections 5.5.1 and 7.4).
func checkClose(payload []byte) error {
	if len(payload) == 0 {
		return nil
	}
	if len(payload) == 1 {
		return errCutCode
	}
	code, reason := ParseClose(payload)
	if !ValidCode(code) {
		return &ProtocolError{Code: CodeProtocol, Reason: fmt.Sprintf("close code %d, which must not be sent in a close frame", code)}
	}
	if !utf8.Valid(reason) {
		return errReasonText
	}
	return nil
}
