package check

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"wsx/client/wire"
)

// Message is a complete message.
type Message struct {
	Opcode  wire.Opcode
	Payload string
}

// String returns the message in words.
func (m Message) String() string { return fmt.Sprintf("%v %s", m.Opcode, quote(m.Payload)) }

// list returns payloads in words, separated by commas.
func list(payloads []string) string {
	if len(payloads) == 0 {
		return "none"
	}
	quoted := make([]string, len(payloads))
	for i, p := range payloads {
		quoted[i] = quote(p)
	}
	return strings.Join(quoted, ", ")
}

// shownPayload is the number of bytes of a payload that a report shows.
const shownPayload = 24

// quote returns a payload in words: text in quotes, other bytes in hex, and only the length of a long payload.
func quote(p string) string {
	switch {
	case len(p) > shownPayload:
		return fmt.Sprintf("of %d bytes", len(p))
	case !utf8.ValidString(p) || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' }):
		return "0x" + hex.EncodeToString([]byte(p))
	}
	return fmt.Sprintf("%q", p)
}
