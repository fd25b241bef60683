package wire

import "fmt"

// check checks the header's first two bytes (RFC 6455, sections 5.1 to 5.5).
func (r *reader) check(h header) error {
	if h.masked != r.server {
		if r.server {
			return errUnmasked
		}
		return errMasked
	}
	if h.rsv != 0 && !r.mayCompress(h) {
		return &ProtocolError{Code: CodeProtocol, Reason: fmt.Sprintf("reserved bits %03b on a %v frame", h.rsv, h.opcode)}
	}
	switch h.opcode {
	case Close, Ping, Pong:
		if !h.fin {
			return errCutControl
		}
		if h.length > MaxControl {
			return errLongControl
		}
	case Text, Binary:
		if r.message != Continuation {
			return errMessageInside
		}
	case Continuation:
		if r.message == Continuation {
			return errNoMessage
		}
	default:
		return &ProtocolError{Code: CodeProtocol, Reason: fmt.Sprintf("reserved opcode %#x", byte(h.opcode))}
	}
	return nil
}

// mayCompress reports whether the reserved bits are what permessage-deflate uses: RSV1, on the first frame of a message,
// when it was agreed on (RFC 7692, section 6).
func (r *reader) mayCompress(h header) bool {
	return h.rsv == rsvCompressed && r.agreed != nil && (h.opcode == Text || h.opcode == Binary)
}

// checkLength returns an error if the announced length of a frame exceeds the limit of a message. A compressed frame may be a
// little longer than the limit; its output is checked while it is inflated.
func (r *reader) checkLength() error {
	switch {
	case r.max == 0:
	case r.compressed:
		if r.frame.length-r.max/8-1024 > r.max {
			return r.tooBig()
		}
	case r.frame.length > r.max-r.size:
		return r.tooBig()
	}
	return nil
}

func (r *reader) tooBig() error {
	return &ProtocolError{Code: CodeTooBig, Reason: fmt.Sprintf("a message of more than %d bytes", r.max)}
}
