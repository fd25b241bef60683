package catalog

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// describe returns in words what a script sends.
func describe(s check.Script) string {
	const maxShown = 6
	var words []string
	for i, f := range s.Steps {
		if i == maxShown-1 && len(s.Steps) > maxShown {
			words = append(words, fmt.Sprintf("%d more frames", len(s.Steps)-i))
			break
		}
		words = append(words, describeFrame(f))
	}
	return strings.Join(words, ", ")
}

func describeFrame(f probe.Frame) string {
	text := opcodeName(f.Opcode)
	payload := f.Payload
	if f.Opcode == wire.Close && len(payload) > 1 {
		text += fmt.Sprintf(" %d", int(payload[0])<<8|int(payload[1]))
		payload = payload[2:]
	}
	if len(payload) > 0 {
		text += " " + formatPayload(payload)
	}
	for _, note := range []struct {
		applies bool
		word    string
	}{
		{f.NotFinal, "without FIN"},
		{f.RSV&4 != 0, "RSV1"},
		{f.RSV&2 != 0, "RSV2"},
		{f.RSV&1 != 0, "RSV3"},
		{f.Unmasked, "not masked"},
		{f.Form == probe.In16Bits, "length in 16 bits"},
		{f.Form == probe.In64Bits, "length in 64 bits"},
		{f.Claim != 0, fmt.Sprintf("length given as %d", f.Claim)},
		{f.ChunkSize == 1, "written byte by byte"},
		{f.ChunkSize > 1, fmt.Sprintf("written %d bytes at a time", f.ChunkSize)},
	} {
		if note.applies {
			text += " (" + note.word + ")"
		}
	}
	if f.Mask != nil {
		text += fmt.Sprintf(" (mask key %x)", *f.Mask)
	}
	return text
}

func opcodeName(o wire.Opcode) string {
	switch o {
	case wire.Close:
		return "Close"
	case wire.Continuation, wire.Text, wire.Binary, wire.Ping, wire.Pong:
		return o.String()
	}
	return fmt.Sprintf("opcode %#x", byte(o))
}

// formatPayload returns a payload for a description: text in quotes, other bytes in hex, and only the length of a long payload.
func formatPayload(p []byte) string {
	switch {
	case len(p) > 24:
		return fmt.Sprintf("%d bytes", len(p))
	case !utf8.Valid(p) || strings.ContainsFunc(string(p), func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Sprintf("0x%x", p)
	}
	return fmt.Sprintf("%q", p)
}
