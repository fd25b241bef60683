package load

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"wsx/client/wire"
)

// MarkSize is the size of a mark in bytes.
const MarkSize = len("wsx-00000000-") + 4 + 8 + 12 + 1

// Message makes the messages that are sent.
type Message struct {
	binary bool
	marked bool   // each begins with its mark
	fixed  []byte // nil = made by text
	text   *template.Template
	size   int
}

// fields has the fields of a template.
type fields struct {
	Conn int    // number of the connection, from 0
	Seq  uint64 // number of the message on it, from 0
	Mark string // identifies the message in fanout
}

// SizedMessage returns a message of a size in bytes, of printable characters.
func SizedMessage(size int, binary bool) *Message {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	return &Message{binary: binary, fixed: bytes.Repeat([]byte(letters), size/len(letters)+1)[:size], size: size}
}

// MarkedMessage returns a message of printable characters that begins with a mark. The size in bytes must be at least MarkSize.
func MarkedMessage(size int, binary bool) *Message {
	m := SizedMessage(size, binary)
	m.marked = true
	return m
}

// ParseMessage returns the message of a text, which may have the fields {{.Conn}}, {{.Seq}} and {{.Mark}}.
func ParseMessage(text string, binary bool) (*Message, error) {
	if !strings.Contains(text, "{{") {
		return &Message{binary: binary, fixed: []byte(text), size: len(text)}, nil
	}
	parsed, err := template.New("message").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the message is not a valid template: %w", err)
	}
	var example bytes.Buffer
	if err := parsed.Execute(&example, fields{Mark: strings.Repeat("m", MarkSize), Seq: 1 << 40}); err != nil {
		return nil, fmt.Errorf("the message is not a valid template: %w", err)
	}
	return &Message{binary: binary, text: parsed, size: example.Len()}, nil
}

// example returns a message with the zero values of all fields.
func (m *Message) example() string {
	if m.text == nil {
		return string(m.fixed)
	}
	var example bytes.Buffer
	m.text.Execute(&example, fields{}) // no error: ParseMessage has executed it
	return example.String()
}

// Size returns the size of a message in bytes, which is approximate for a template.
func (m *Message) Size() int { return m.size }

// HasMark reports whether each message has its mark.
func (m *Message) HasMark() bool {
	return m.marked || m.text != nil && strings.Contains(m.text.Root.String(), ".Mark")
}

func (m *Message) opcode() wire.Opcode {
	if m.binary {
		return wire.Binary
	}
	return wire.Text
}

// payload returns the next message of the connection, valid until the next call.
func (c *conn) payload(m *Message, due int64) []byte {
	switch {
	case m.marked:
		c.buffer = append(appendMark(c.buffer[:0], c.run.id, c.n, c.seq, due), m.fixed[MarkSize:]...)
		return c.buffer
	case m.text == nil:
		return m.fixed
	}
	buffer := bytes.NewBuffer(c.buffer[:0])
	mark := string(appendMark(nil, c.run.id, c.n, c.seq, due))
	m.text.Execute(buffer, fields{c.n, c.seq, mark}) // no error: ParseMessage has executed it
	c.buffer = buffer.Bytes()
	return c.buffer
}

// mark identifies a message on all connections.
type mark struct {
	conn uint16 // number of the connection that sent it
	seq  uint32 // number of the message on it
	due  int64  // when it was due, ns since the epoch of the run
}

func markPrefix(id uint32) []byte { return fmt.Appendf(nil, "wsx-%08x-", id) }

func appendMark(b []byte, id uint32, conn int, seq uint64, due int64) []byte {
	b = append(b, "wsx-"...)
	b = appendHex(b, uint64(id), 8)
	b = append(b, '-')
	b = appendHex(b, uint64(conn), 4)
	b = appendHex(b, seq, 8)
	b = appendHex(b, uint64(due), 12)
	return append(b, '.')
}

// appendHex appends the lowest digits of n.
func appendHex(b []byte, n uint64, digits int) []byte {
	const hexDigits = "0123456789abcdef"
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b = append(b, hexDigits[n>>shift&15])
	}
	return b
}

// findMark finds the mark in a message.
func findMark(payload, prefix []byte) (mark, bool) {
	at := bytes.Index(payload, prefix)
	if at < 0 || len(payload)-at < MarkSize {
		return mark{}, false
	}
	var raw [12]byte
	digits := payload[at+len(prefix) : at+MarkSize-1]
	if _, err := hex.Decode(raw[:], digits); err != nil {
		return mark{}, false
	}
	number := func(from, to int) uint64 {
		n, _ := strconv.ParseUint(string(digits[from:to]), 16, 64)
		return n
	}
	return mark{uint16(number(0, 4)), uint32(number(4, 12)), int64(number(12, 24))}, true
}
