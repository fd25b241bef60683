package servertest

import "strings"

// sendInvalid upgrades, writes invalid frames and waits until the client has closed the connection.
func sendInvalid(writes ...func(*conn)) func(*conn) {
	return func(c *conn) {
		c.upgrade(nil)
		for _, write := range writes {
			write(c)
		}
		c.out.Flush()
		drain(c)
	}
}

func frameOf(first byte, payload string) func(*conn) {
	return func(c *conn) { c.bufferFrame(first, payload) }
}

// headerOf sends a header without its payload.
func headerOf(first byte, length uint64) func(*conn) {
	return func(c *conn) { c.bufferHeader(first, 0, length) }
}

// masked sends "hi" as a client would.
func masked(c *conn) {
	c.bufferHeader(finBit|opText, maskBit, 2)
	c.out.WriteString("\x01\x02\x03\x04ik")
}

func reservedBits(c *conn) { c.bufferFrame(finBit|byte(c.intParam("bits", 2)&7)<<4|opText, "rsv") }

func reservedOpcode(c *conn) { c.bufferFrame(finBit|byte(c.intParam("n", 3))&opcodeMask, "opcode") }

func badClose(c *conn) { c.bufferFrame(finBit|opClose, closePayload(c.intParam("code", 1005), "")) }

func halfFrame(c *conn) {
	c.upgrade(nil)
	c.bufferHeader(finBit|opText, 0, 100)
	c.out.WriteString("half")
	drop(c)
}

func badDeflate(c *conn) {
	c.upgrade(deflateAgreed)
	c.bufferFrame(finBit|rsv1Bit|opText, "\xff\xff\xff\xff")
	c.out.Flush()
	drain(c)
}

// invalidTextOf sends a text whose third byte is invalid.
func invalidTextOf(bytes int) string { return "ab\xff" + strings.Repeat("x", bytes-3) }

func invalidText(c *conn) {
	sendInvalid(frameOf(finBit|opText, invalidTextOf(c.intParam("bytes", 300_000))))(c)
}

func halfInvalidText(c *conn) {
	bytes := c.intParam("bytes", 300_000)
	half := func(c *conn) { c.out.WriteString(invalidTextOf(bytes)[:bytes/2]) }
	sendInvalid(headerOf(finBit|opText, uint64(bytes)), half)(c)
}
