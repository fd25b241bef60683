package wire

// counter counts the messages that end in a block.
type counter struct {
	ends     int  // how many data messages end in it
	rest     int  // the block begins with this many bytes of a frame that began before
	restEnds bool // with that frame a message ends
}

// count is how many messages end in what was written of a block.
func (t counter) count(written []byte) uint64 {
	var ends uint64
	if t.rest > len(written) {
		return 0
	}
	if t.rest > 0 && t.restEnds {
		ends++
	}
	for b := written[t.rest:]; ; {
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
