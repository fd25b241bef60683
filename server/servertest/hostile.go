package servertest

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// Payload changes the state of a terminal if it is not escaped.
type Payload struct {
	Name  string
	Bytes string // contains NUL, CR or LF only if Name names them
}

// Hostile returns the payloads from which ?n= of /hostile chooses, counted from 1.
func Hostile() []Payload {
	return []Payload{
		{"window title", "\x1b]0;pwned\x07"},
		{"clear screen", "\x1b[2J\x1b[H"},
		{"clear scrollback", "\x1b[3J"},
		{"alternate screen", "\x1b[?1049h"},
		{"cursor report, typed back", "\x1b[6n"},
		{"device attributes, typed back", "\x1b[c\x1b[>q"},
		{"answerback, typed back", "\x05"},
		{"title report, typed back", "\x1b[21t"},
		{"unterminated OSC", "\x1b]2;and all that follows"},
		{"unterminated DCS", "\x1bPand all that follows"},
		{"unterminated CSI", "\x1b["},
		{"clipboard", "\x1b]52;c;cm0gLXJmIH4K\x07"},
		{"hyperlink", "\x1b]8;;http://example.com/\x07bank\x1b]8;;\x07"},
		{"scroll region", "\x1b[1;3r"},
		{"insert mode", "\x1b[4h"},
		{"no wrapping", "\x1b[?7l"},
		{"hidden cursor", "\x1b[?25l"},
		{"mouse reports", "\x1b[?1000h\x1b[?1003h\x1b[?1006h"},
		{"focus reports and keypad", "\x1b[?1004h\x1b[?1h\x1b="},
		{"end of paste", "\x1b[201~rm -rf ~"},
		{"colour left on", "\x1b[5;7;31mred"},
		{"cursor up and erase", "\x1b[5A\x1b[J\x1bM"},
		{"reset", "\x1bc"},
		{"line drawing", "\x1b(0\x0elqk"},
		{"resize and iconify", "\x1b[8;1;1t\x1b[2t"},
		{"C1 controls in UTF-8", "\u009b2J\u009d0;pwned\u009c\u0085"},
		{"C1 controls as bytes, not UTF-8", "\x9b2J\x9d0;pwned\x9c"},
		{"overwriting, with CR", "rm -rf ~\rls      \b\b\b\x7f\v\f"},
		{"bidi override and isolates", "user\u202egnp.exe\u202c \u2066a\u2069 \u200f\u061c"},
		{"line separators, zero width, NUL and LF", "a\u2028b\u2029c\u200bd\ufeffe\x00f\n> /quit"},
	}
}

// hostile sends one payload in the place that ?as= names; or with ?n=0 and a kind of frame, each in a frame of its own.
func hostile(c *conn) {
	all := Hostile()
	if c.intParam("n", 1) == 0 {
		c.upgrade(nil)
		for _, valid := range []bool{true, false} { // text that is not UTF-8 ends the session
			for _, payload := range all {
				if utf8.ValidString(payload.Bytes) == valid {
					c.bufferFrame(finBit|opcodeOf(c.param("as", "text")), payload.Bytes)
				}
			}
		}
		c.finish("close")
		return
	}
	payload := all[min(max(c.intParam("n", 1), 1), len(all))-1].Bytes
	inHeader := strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(payload)
	switch c.param("as", "text") {
	case "header":
		c.upgrade(http.Header{"Server": {inHeader}, "X-Hostile": {inHeader}})
	case "subprotocol":
		c.upgrade(http.Header{"Sec-Websocket-Protocol": {inHeader}})
	case "body":
		c.respond(http.StatusForbidden, http.Header{"X-Hostile": {inHeader}}, payload)
		drain(c)
		return
	case "location":
		c.respond(http.StatusFound, http.Header{"Location": {"ws://127.0.0.1:1/" + inHeader}}, "")
		drain(c)
		return
	case "close":
		c.upgrade(nil)
		c.closeHandshake(c.intParam("code", 1000), payload)
		return
	default:
		c.upgrade(nil)
		c.bufferFrame(finBit|opcodeOf(c.param("as", "text")), payload)
	}
	c.finish("close")
}

func opcodeOf(name string) byte {
	for _, op := range []byte{opBinary, opPing, opPong} {
		if opcodeName(op) == name {
			return op
		}
	}
	return opText
}
