package render

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode"
	"unicode/utf8"

	"wsx/client"
	"wsx/codec"
)

// Pretty shows messages for reading: < before received and > before sent ones, JSON indented, binary as a hexdump, long ones
// truncated. Only the first line of a message begins with the sign; the others are indented, so that no line can be mistaken
// for another message, the prompt or a note.
type Pretty struct {
	Options

	text     []byte
	streamed streamedText
	whole    assembler
	last     client.Event
	kept     []byte // the payload of last
}

const (
	defaultRows = 40
	indent      = "  "     // as wide as a sign
	longJSON    = 32 << 20 // longer JSON is shown as text: it would be cut anyway
)

// Render writes a message once its last fragment has been received.
func (p *Pretty) Render(w io.Writer, e client.Event) error {
	e, length, ok := p.whole.message(e, p.Sent, p.MaxMessage)
	if !ok {
		return nil
	}
	if e.Dir == client.In {
		p.keep(e)
	}
	rows := p.rows()
	if rows == allRows { // without a bound of its own
		p.streamed.to = w
		defer func() { p.streamed = streamedText{} }()
	}
	p.text = p.append(p.text[:0], e, length, rows)
	if _, err := w.Write(p.text); err != nil {
		return err
	}
	return p.streamed.err
}

func (p *Pretty) rows() int {
	switch {
	case p.Rows == 0 && p.Height != nil:
		return max(defaultRows, 2*p.Height())
	case p.Rows == 0:
		return defaultRows
	case p.Rows < 0:
		return allRows
	}
	return p.Rows
}

func (p *Pretty) keep(e client.Event) {
	if cap(p.kept) > keptCapacity && len(e.Payload) < keptCapacity {
		p.kept = nil
	}
	p.kept = append(p.kept[:0], e.Payload...)
	p.last = e
}

// Inherit takes over the last message of another renderer, which p replaces.
func (p *Pretty) Inherit(from *Pretty) { p.last, p.kept = from.last, from.kept }

// Last returns the message that was received last, whole. Its payload is valid until the next call of Render.
func (p *Pretty) Last() (e client.Event, ok bool) {
	e = p.last
	e.Payload = p.kept
	return e, e.Kind == client.KindMessage
}

// RenderLast writes the message that was received last without cutting it; nothing if there was none.
func (p *Pretty) RenderLast(w io.Writer) error {
	e, ok := p.Last()
	if !ok {
		return nil
	}
	_, err := w.Write(p.append(nil, e, int64(len(e.Payload)), allRows))
	return err
}

// append appends a message of length bytes, of which the payload may be the beginning.
func (p *Pretty) append(dst []byte, e client.Event, length int64, rows int) []byte {
	start := len(dst)
	if p.Stamp != nil {
		dst = p.Stamp.append(dst, e.Time)
	}
	style, sign := p.Theme.In, "<"
	if e.Dir == client.Out {
		style, sign = p.Theme.Out, ">"
	}
	if e.Peer > 0 {
		sign = strconv.Itoa(e.Peer) + sign
	}
	dst = append(style.append(dst, sign), ' ')
	if d, ok := e.Detail.(Decoded); ok {
		dst = p.appendDecoded(dst, d)
	}
	if as, ok := e.Detail.(As); ok {
		dst = append(SanitizeLine(append(dst, p.Theme.Dim.on...), as.label()), p.Theme.Dim.off...)
		dst = append(dst, ' ')
	}
	if e.Type == client.Binary && isPrintable(e.Payload) {
		dst = append(p.Theme.Dim.append(dst, fmt.Sprintf("(binary, %d bytes)", length)), ' ')
	}
	body, begin := p.body(e, style, p.dumpSize(dst[start:])), len(dst)
	dst, shown := body.append(dst, min(rows+rows/slack, allRows))
	if shown < len(e.Payload) {
		dst, shown = body.append(dst[:begin], rows)
	}
	dst = append(dst, '\n')
	if left := length - int64(shown); left > 0 {
		dst = p.appendLeft(dst, body.rows(shown), left)
	}
	return dst
}

// slack allows a message to be longer by rows/slack before it is cut: cutting off just a bracket would save nothing.
const slack = 4

// body is how a payload is shown.
type body struct {
	append func(dst []byte, rows int) (text []byte, shown int) // at most rows rows of it; shown is how many bytes of the payload that is
	rows   func(shown int) int                                 // how many rows are left after shown bytes
}

// dumpSize returns how many bytes a row of a hexdump shows, so that the first row fits after the text before it.
func (p *Pretty) dumpSize(before []byte) int {
	if p.Width == nil {
		return rowSize
	}
	return rowSizeFor(max(1, p.Width()-visibleWidth(before)))
}

// visibleWidth returns how many columns text takes, without our escape sequences for colours.
func visibleWidth(text []byte) (width int) {
	for len(text) > 0 {
		if text[0] == 0x1b {
			text = text[bytes.IndexByte(text, 'm')+1:]
			continue
		}
		_, size := utf8.DecodeRune(text)
		text = text[size:]
		width++
	}
	return width
}

func (p *Pretty) body(e client.Event, style Style, dumpSize int) body {
	data := e.Payload
	switch {
	case e.Type == client.Binary && !isPrintable(data):
		return body{
			func(dst []byte, rows int) ([]byte, int) { return p.appendBinary(dst, data, rows, dumpSize) },
			func(shown int) int { return (len(data) - shown + dumpSize - 1) / dumpSize },
		}
	case e.Type == client.Text && len(data) <= longJSON && codec.IsDocument(data):
		var within bool // the cut is within a token
		return body{
			func(dst []byte, rows int) (text []byte, shown int) {
				l := layout{theme: &p.Theme, streamed: &p.streamed, indent: indent, rows: rows, room: rows * rowWidth}
				text, shown = l.append(dst, data)
				within = l.inToken
				return text, shown
			},
			func(shown int) int {
				if within {
					return 0
				}
				return layoutRows(data[shown:])
			},
		}
	}
	return body{
		func(dst []byte, rows int) ([]byte, int) { return p.appendText(dst, data, rows, style) },
		func(shown int) int { return bytes.Count(data[shown:], []byte{'\n'}) },
	}
}

// appendDecoded appends what a message was before it was decoded.
func (p *Pretty) appendDecoded(dst []byte, d Decoded) []byte {
	text := fmt.Sprintf("(%s, %d bytes)", d.Codec, d.Bytes)
	if d.Count > 1 {
		text = fmt.Sprintf("(%s, %d of %d in %d bytes)", d.Codec, d.Index+1, d.Count, d.Bytes)
	}
	return append(p.Theme.Dim.append(dst, text), ' ')
}

// appendLeft appends how much was cut.
func (p *Pretty) appendLeft(dst []byte, rows int, left int64) []byte {
	text := "… "
	if rows > 1 {
		text += strconv.Itoa(rows) + " more rows, "
	}
	text += strconv.FormatInt(left, 10) + " more bytes (/last shows all)"
	return append(p.Theme.Dim.append(append(dst, indent...), text), '\n')
}

// isPrintable reports whether a binary message is readable text, as NATS and others send it.
func isPrintable(data []byte) bool {
	return len(data) > 0 && utf8.Valid(data) && !bytes.ContainsFunc(data, func(r rune) bool {
		return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

func (p *Pretty) appendBinary(dst, data []byte, rows, size int) ([]byte, int) {
	if len(data) == 0 {
		return p.Theme.Dim.append(dst, "(binary, 0 bytes)"), 0
	}
	shown := 0
	for row := 0; shown < len(data) && row < rows; row++ {
		if row > 0 {
			dst = append(append(dst, '\n'), indent...)
		}
		n := min(size, len(data)-shown)
		dst = p.streamed.flush(appendHexRow(dst, int64(shown), data[shown:shown+n], size, p.Theme.Dim))
		shown += n
	}
	return dst, shown
}

// appendText appends text line by line. A newline at its very end is shown as \n.
func (p *Pretty) appendText(dst, text []byte, rows int, style Style) ([]byte, int) {
	shown := firstRows(text, rows)
	body, ended := bytes.CutSuffix(shown, []byte("\n"))
	first := true
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if !first {
			dst = append(append(dst, '\n'), indent...)
		}
		first = false
		dst = append(dst, style.on...)
		for len(line) > streamSize {
			part := whole(line[:streamSize])
			dst, line = p.streamed.flush(Sanitize(dst, part)), line[len(part):]
		}
		dst = Sanitize(dst, line)
		dst = p.streamed.flush(append(dst, style.off...))
	}
	if ended && len(shown) == len(text) {
		dst = append(dst, `\n`...)
	}
	return dst, len(shown)
}

// firstRows returns the beginning of text that fits into a number of rows.
func firstRows(text []byte, rows int) []byte {
	if room := rows * rowWidth; len(text) > room {
		text = whole(text[:room])
	}
	end := 0
	for range rows {
		i := bytes.IndexByte(text[end:], '\n')
		if i < 0 {
			return text
		}
		end += i + 1
	}
	return text[:end]
}
