package render

import (
	"bytes"

	"wsx/client/wire"
)

// layout formats JSON in several lines, with colours. Strings and numbers are shown as received: what was escaped stays
// escaped.
type layout struct {
	theme    *Theme
	streamed *streamedText // receives text that becomes long; nil = it is held in memory
	indent   string        // of every line but the first
	rows     int           // lines that are shown; what is longer is cut
	room     int           // bytes that are shown

	dst   []byte
	depth int
	full  bool

	inToken bool // it became full within a token
}

const (
	rowWidth = 80 // bytes that count as a row when there is no newline
	allRows  = int(^uint(0)>>1) / rowWidth
)

// maxIndent is the level below which JSON is not indented further.
const maxIndent = 40

// append appends text, which must be valid JSON, and returns how many bytes of it are shown.
func (l *layout) append(dst, text []byte) ([]byte, int) {
	l.dst = dst
	i := 0
	for i < len(text) && !l.full {
		if i += l.token(text[i:]); l.streamed != nil {
			l.dst = l.streamed.flush(l.dst)
		}
	}
	return l.dst, i
}

// layoutRows returns how many lines the rest of a JSON document takes. The document was cut between two tokens.
func layoutRows(rest []byte) int {
	const many = int(^uint(0) >> 1)
	l := layout{theme: &Theme{}, rows: many, room: many}
	for i := 0; i < len(rest); {
		i += l.token(rest[i:])
		l.dst = l.dst[:0]
	}
	return many - l.rows
}

// token appends the token at the beginning of text and returns its length.
func (l *layout) token(text []byte) int {
	switch c := text[0]; c {
	case ' ', '\t', '\r', '\n':
		return 1
	case '{', '[':
		return l.open(text)
	case '}', ']':
		l.depth--
		if l.newline(); l.full {
			return 0
		}
		l.dst = append(l.dst, c)
		return 1
	case ',':
		l.dst = append(l.dst, c)
		l.newline()
		return 1
	case ':':
		l.dst = append(l.dst, ": "...)
		return 1
	case '"':
		return l.string(text)
	default:
		return l.scalar(text)
	}
}

// open begins an object or array; an empty one stays on its line.
func (l *layout) open(text []byte) int {
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	l.dst = append(l.dst, text[0])
	if c := rest[0]; c == '}' || c == ']' {
		l.dst = append(l.dst, c)
		return len(text) - len(rest) + 1
	}
	l.depth++
	l.newline()
	return 1
}

func (l *layout) newline() {
	if l.rows--; l.rows <= 0 {
		l.full = true
		return
	}
	l.dst = append(append(l.dst, '\n'), l.indent...)
	for range min(l.depth, maxIndent) {
		l.dst = append(l.dst, "  "...)
	}
}

func (l *layout) string(text []byte) int {
	end := 1
	for text[end] != '"' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	end++
	style := l.theme.String
	if rest := bytes.TrimLeft(text[end:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
		style = l.theme.Key
	}
	return l.paint(style, text[:end])
}

func (l *layout) scalar(text []byte) int {
	end := bytes.IndexAny(text, " \t\r\n,]}")
	if end < 0 {
		end = len(text)
	}
	style := l.theme.Number
	if text[0] > '9' { // true, false, null
		style = l.theme.Literal
	}
	return l.paint(style, text[:end])
}

// paint appends a token, or as much of it as there is room for.
func (l *layout) paint(style Style, token []byte) int {
	if len(token) > l.room {
		token = whole(token[:l.room])
		l.full, l.inToken = true, true
	}
	l.room -= len(token)
	l.dst = append(l.dst, style.on...)
	l.dst = sanitize(l.dst, token, false)
	l.dst = append(l.dst, style.off...)
	return len(token)
}

// whole drops the beginning of a character at the end of text.
func whole(text []byte) []byte { return text[:len(text)-wire.Unfinished(text)] }
