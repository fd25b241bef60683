package wire

// counter counts the messages that end in a block.
type counter struct {
	ends     int  // number of data messages that end in it
	rest     int  // the block begins with this many bytes of an earlier frame
	restEnds bool // that frame ends a message
}

// count returns how many messages end in the part of a block that was written.
func (c counter) count(written []byte) uint64 {
	var ends uint64
	if c.rest > len(written) {
		return 0
	}
	if c.rest > 0 && c.restEnds {
		ends++
	}
	for b := written[c.rest:]; ; {
		h, n, _ := parseHeader(b)
		if n == 0 || h.length > int64(len(b)-n) {
			return ends
		}
		if h.fin && !h.opcode.control() {
			ends++
		}
		b = b[n+int(h.length):]
	}
}
