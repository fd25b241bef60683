package servertest

import (
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"
)

// receiveControl receives a control frame and reports whether it ended the connection.
func (c *faultyConn) receiveControl(h header, m *message) (done bool, err error) {
	b := make([]byte, h.length)
	if _, err := io.ReadFull(c.in, b); err != nil {
		return false, err
	}
	if h.masked {
		h.unmask(b, 0)
	}
	payload := string(b)
	switch h.opcode() {
	case opPing:
		return false, c.receivePing(payload, m)
	case opPong:
		if c.has("pong-refused") {
			return false, violation(codeProtocolError)
		}
	case opClose:
		return c.receiveClose(payload)
	}
	return false, nil
}

func (c *faultyConn) receivePing(payload string, m *message) error {
	switch {
	case payload == "" && c.has("empty-ping-ignored"):
		return nil
	case len(payload) == 125 && c.has("long-ping-refused"),
		m.opcode != 0 && c.has("ping-between-fragments-refused"):
		return violation(codeProtocolError)
	case len(payload) > 100 && c.has("pong-payload-lost"):
		payload = ""
	case m.opcode != 0 && c.has("ping-resets-message"):
		m.payload, m.text = nil, utf8State{}
	case m.opcode != 0 && c.has("ping-held-by-message"):
		m.heldPongs = append(m.heldPongs, payload)
		return nil
	}
	c.send(opPong, payload)
	return nil
}

// receiveClose answers a Close.
func (c *faultyConn) receiveClose(payload string) (done bool, err error) {
	answer := payload
	switch {
	case c.has("close-ignored"):
		return false, nil
	case c.has("close-not-answered"):
		return true, nil
	case payload == "" && c.has("close-empty-refused"):
		return false, violation(codeProtocolError)
	case payload == "" && c.has("close-1005-sent"):
		answer = closePayload(1005, "")
	case len(payload) == 1 && c.has("close-one-byte-accepted"):
		answer = closePayload(1000, "")
	case len(payload) == 1:
		return false, violation(codeProtocolError)
	case len(payload) > 1:
		if code := int(binary.BigEndian.Uint16([]byte(payload))); !c.acceptsCode(code) {
			return false, violation(codeProtocolError)
		}
		if !utf8.ValidString(payload[2:]) && !c.has("close-reason-not-utf8-accepted") {
			return false, violation(codeNotUTF8)
		}
	}
	c.send(opClose, answer)
	switch {
	case c.has("message-after-close"):
		c.send(opText, "after close")
	case c.has("close-twice"):
		c.send(opClose, answer)
	case c.has("echo-after-close"):
		return false, nil
	case c.has("tcp-left-open"):
		c.leftOpen = true
	}
	return true, nil
}

// acceptsCode reports whether the server accepts a close code (RFC 6455, section 7.4).
func (c *faultyConn) acceptsCode(code int) bool {
	switch {
	case code < 1000:
		return c.has("close-code-low-accepted")
	case code == 1004, code == 1005, code == 1006, code == 1015:
		return c.has(fmt.Sprintf("close-code-%d-accepted", code))
	case code >= 1007 && code <= 1014:
		return !c.has("close-code-registered-refused")
	case code >= 1016 && code < 3000:
		return c.has("close-code-reserved-accepted")
	case code >= 3000 && code < 5000:
		return !c.has("close-code-private-refused")
	case code >= 5000:
		return c.has("close-code-high-accepted")
	}
	return true
}
