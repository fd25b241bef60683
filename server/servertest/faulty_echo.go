package servertest

import (
	"bytes"
	"fmt"
	"strings"
)

// The close codes that the faulty server sends on its own initiative (RFC 6455, section 7.4.1).
const (
	codeProtocolError = 1002
	codeNotUTF8       = 1007
	codeTooBig        = 1009
)

// maxMessage is the maximum size of a message, compressed or inflated, in bytes.
const maxMessage = 16 << 20

// violation is the close code with which the server fails the connection.
type violation int

func (v violation) Error() string { return fmt.Sprint("violation ", int(v)) }

// message is the received part of a message.
type message struct {
	opcode     byte // 0: no message was started
	compressed bool
	frames     int
	fragmented bool
	payload    []byte
	text       utf8State
	heldPongs  []string // payloads of Pongs that are sent after the message
}

// echo answers each message with itself until the connection ends.
func (c *faultyConn) echo() {
	var m message
	for {
		if c.in.Buffered() == 0 && c.out.Flush() != nil {
			return
		}
		h, err := c.readHeader()
		if err == nil {
			err = c.checkHeader(h, &m)
		}
		done := false
		switch {
		case err != nil:
		case h.opcode() >= opClose:
			done, err = c.receiveControl(h, &m)
		default:
			err = c.receiveData(h, &m)
		}
		if v, violated := err.(violation); violated {
			c.fail(v)
		}
		if err != nil || done {
			return
		}
	}
}

// fail sends a Close.
func (c *faultyConn) fail(v violation) {
	if v == codeNotUTF8 && c.has("utf8-code-1002") {
		v = codeProtocolError
	}
	c.send(opClose, closePayload(int(v), ""))
	if c.has("dies") && v == codeProtocolError {
		c.server.crash()
	}
}

// receiveData receives one frame of a message and echoes the message after its last one.
func (c *faultyConn) receiveData(h header, m *message) error {
	op := h.opcode()
	switch {
	case op == opContinuation && m.opcode == 0 && c.has("continuation-ignored"), op > opBinary:
		_, err := c.in.Discard(int(h.length))
		return err
	case op != opContinuation:
		*m = message{opcode: op, compressed: c.deflate != nil && h.first&rsv1Bit != 0}
	case m.opcode == 0:
		m.opcode = opText
	}
	m.frames++
	m.fragmented = m.frames > 1 || !h.fin()
	if c.has("fragments-lost") {
		m.payload = nil
	}
	if err := c.readData(h, m); err != nil {
		return err
	}
	if c.has("utf8-split-refused") && m.validates() && !m.text.complete() {
		return violation(codeNotUTF8)
	}
	if !h.fin() {
		return nil
	}
	finished := *m
	*m = message{}
	err := c.echoMessage(&finished)
	for _, payload := range finished.heldPongs {
		c.send(opPong, payload)
	}
	return err
}

// validates reports whether the payload of the frames must be UTF-8.
func (m *message) validates() bool { return m.opcode == opText && !m.compressed }

// readData reads a payload as it arrives and validates text at once.
func (c *faultyConn) readData(h header, m *message) error {
	length := int(h.length << 1 >> 1)
	buffer := make([]byte, min(length, 64<<10))
	for read := 0; read < length; {
		n, err := c.in.Read(buffer[:min(len(buffer), length-read)])
		part := buffer[:n]
		if h.masked {
			h.unmask(part, read)
		}
		if read += n; !c.has("split-payload-lost") || length > 125 || read == n {
			m.payload = append(m.payload, part...)
		}
		if err != nil {
			return err
		}
		if m.validates() && !c.has("utf8-late") && !c.validText(m, part) {
			return violation(codeNotUTF8)
		}
	}
	return nil
}

// validText reports whether the text is valid so far with a part.
func (c *faultyConn) validText(m *message, part []byte) bool {
	return m.text.write(part, c.server.fault.Name) || c.acceptsText(m)
}

// acceptsText reports whether a fault makes the server accept text that is not UTF-8.
func (c *faultyConn) acceptsText(m *message) bool {
	return c.has("utf8-accepted") || c.has("utf8-replaced") ||
		c.has("utf8-fragments-accepted") && m.fragmented || c.has("deflate-utf8-accepted") && m.compressed
}

// echoMessage completes the validation and sends the message back.
func (c *faultyConn) echoMessage(m *message) error {
	if m.compressed {
		inflated, err := c.deflate.inflate(m.payload, c.has)
		if err != nil {
			return err
		}
		m.payload = inflated
	} else if c.deflate != nil && c.has("deflate-plain-refused") {
		return violation(codeProtocolError)
	}
	if m.opcode == opText {
		if err := c.checkText(m); err != nil {
			return err
		}
	}
	op, payload := m.opcode, m.payload
	switch {
	case len(payload) == 0 && c.has("empty-message-lost"):
		return nil
	case m.frames > 1 && c.has("binary-fragments-as-text"):
		op = opText
	case op == opText && c.has("utf8-replaced"):
		payload = bytes.ToValidUTF8(payload, []byte("\uFFFD"))
	case op == opText && c.has("utf8-bom-lost"):
		payload = bytes.TrimPrefix(payload, []byte("\uFEFF"))
	}
	c.sendMessage(op, payload)
	return nil
}

// checkText checks a complete text.
func (c *faultyConn) checkText(m *message) error {
	if m.compressed || c.has("utf8-late") {
		m.text = utf8State{}
		if !c.validText(m, m.payload) {
			return violation(codeNotUTF8)
		}
	}
	text := string(m.payload)
	switch {
	case !m.text.complete() && !c.has("utf8-truncated-accepted") && !c.acceptsText(m),
		c.has("utf8-noncharacter-refused") && strings.ContainsFunc(text, noncharacter),
		c.has("utf8-four-bytes-refused") && strings.ContainsFunc(text, func(r rune) bool { return r > 0xFFFF }),
		c.has("utf8-nul-refused") && strings.Contains(text, "\x00"):
		return violation(codeNotUTF8)
	}
	return nil
}

// noncharacter reports whether r is one of Unicode's noncharacters, which are valid in UTF-8.
func noncharacter(r rune) bool { return r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE }

// send buffers a frame that is not compressed.
func (c *faultyConn) send(op byte, payload string) {
	c.out.Write(appendHeader(nil, finBit|op, 0, uint64(len(payload))))
	c.out.WriteString(payload)
}

// sendMessage buffers a message.
func (c *faultyConn) sendMessage(op byte, payload []byte) {
	first := finBit | op
	if c.deflate != nil {
		first |= rsv1Bit
		payload = c.deflate.compress(payload, c.has)
	}
	if !c.has("masked-echo") {
		c.out.Write(appendHeader(nil, first, 0, uint64(len(payload))))
		c.out.Write(payload)
		return
	}
	h := header{key: [4]byte{1, 2, 3, 4}}
	c.out.Write(append(appendHeader(nil, first, maskBit, uint64(len(payload))), h.key[:]...))
	h.unmask(payload, 0) // masking is its own inverse
	c.out.Write(payload)
}
