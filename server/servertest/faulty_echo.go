package servertest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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

func (h header) opcode() byte { return h.first & opcodeMask }
func (h header) fin() bool    { return h.first&finBit != 0 }

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
