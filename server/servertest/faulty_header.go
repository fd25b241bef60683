package servertest

// readHeader reads the header of the next frame.
func (c *faultyConn) readHeader() (header, error) {
	if c.has("split-header-refused") {
		if _, err := c.in.Peek(1); err != nil {
			return header{}, err
		}
		if c.in.Buffered() < 2 {
			return header{}, violation(codeProtocolError)
		}
	}
	return readHeader(c.in)
}

// checkHeader checks the rules of RFC 6455, section 5.2, that need no payload.
func (c *faultyConn) checkHeader(h header, m *message) error {
	if err := c.checkReserved(h); err != nil {
		return err
	}
	op := h.opcode()
	control := op >= opClose
	switch {
	case !h.masked && !(c.has("unmasked-accepted") && !control) && !(c.has("unmasked-control-accepted") && control),
		h.masked && h.key == [4]byte{} && c.has("zero-key-refused"),
		!h.minimal && !(c.has("non-minimal-16-accepted") && h.form == 126) && !(c.has("non-minimal-64-accepted") && h.form == 127),
		control && !h.fin() && !c.has("control-fragment-accepted"),
		control && h.length > 125 && !(c.has("control-too-long-accepted") && h.length <= maxMessage),
		h.length>>63 != 0 && !c.has("high-bit-accepted"):
		return violation(codeProtocolError)
	case control:
		return nil
	case h.length<<1>>1 > maxMessage, uint64(len(m.payload))+h.length<<1>>1 > maxMessage:
		if c.has("huge-length-dies") && h.length > 1<<40 {
			c.server.crash()
		}
		return violation(codeTooBig)
	}
	return c.checkSequence(h, m)
}

// checkReserved checks the reserved bits and opcodes.
func (c *faultyConn) checkReserved(h header) error {
	op, rsv := h.opcode(), h.first&rsvBits
	control := op >= opClose
	switch op {
	case opContinuation, opText, opBinary, opClose, opPing, opPong:
	default:
		if !(c.has("opcode-data-accepted") && !control) && !(c.has("opcode-control-accepted") && control) && !(c.has("opcode-15-accepted") && op == 15) {
			return violation(codeProtocolError)
		}
	}
	if control && (c.has("rsv-control-accepted") || c.deflate != nil && c.has("deflate-rsv1-control-accepted")) {
		return nil
	}
	if !control && c.has("rsv2-accepted") {
		rsv &^= rsv2Bit
	}
	if !control && c.has("rsv3-accepted") {
		rsv &^= rsv3Bit
	}
	switch {
	case !control && c.has("rsv1-accepted") && c.deflate == nil,
		op == opContinuation && c.deflate != nil && c.has("deflate-rsv1-continuation-accepted"),
		(op == opText || op == opBinary) && c.deflate != nil:
		rsv &^= rsv1Bit
	}
	if rsv != 0 {
		return violation(codeProtocolError)
	}
	return nil
}

// checkSequence checks whether a data frame may follow the frames before it (RFC 6455, section 5.4).
func (c *faultyConn) checkSequence(h header, m *message) error {
	op := h.opcode()
	switch {
	case op == opContinuation && m.opcode == 0:
		if !c.has("continuation-accepted") && !c.has("continuation-ignored") {
			return violation(codeProtocolError)
		}
	case (op == opText || op == opBinary) && m.opcode != 0 && !c.has("interleaved-accepted"):
		return violation(codeProtocolError)
	case h.length == 0 && c.has("empty-fragment-refused") && (!h.fin() || op == opContinuation),
		h.length == 0 && c.has("empty-message-refused") && h.fin() && op != opContinuation:
		return violation(codeProtocolError)
	case !h.fin() && c.has("fragments-refused"):
		return violation(codeProtocolError)
	}
	if c.has("length-126-refused") && h.length >= 126 && h.length < 256 ||
		c.has("length-16-signed") && h.length >= 1<<15 && h.length < 1<<16 ||
		c.has("length-64-refused") && h.length >= 1<<16 {
		return violation(codeProtocolError)
	}
	return nil
}
