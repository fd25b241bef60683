package terminal

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// decoder decodes the bytes that a terminal sends to keys. It keeps an incomplete sequence until the next read. Every escape
// sequence is consumed whole, even an unknown one.
type decoder struct {
	state state
	alt   bool   // an ESC precedes this sequence
	seq   []byte // parameters of a CSI or SS3 sequence, or the beginning of a rune
	skip  int    // remaining bytes of an X10 mouse report
	paste []byte // the text of a bracketed paste so far
	cr    bool   // the last byte was CR: an LF right after it is the same line end
	keys  []key
}

// state is the state of the decoder.
type state uint8

const (
	ground    state = iota
	partial         // an incomplete rune
	escape          // after ESC
	csi             // after ESC [
	ss3             // after ESC O
	str             // in an OSC, DCS, SOS, PM or APC string
	strEscape       // after an ESC in such a string
	mouse           // in the three bytes of an X10 mouse report
	pasting         // between ESC [ 200 ~ and ESC [ 201 ~
)

// maxSeq is how many bytes of parameters a sequence may have; with more it is unknown.
const maxSeq = 64

var pasteEnd = []byte("\x1b[201~")

// feed decodes the bytes of a read and returns the keys in them, valid until the next call. A line feed that arrives alone is
// Ctrl-J; one together with other characters is Enter, as programs that simulate typing send it.
func (d *decoder) feed(p []byte) []key {
	d.keys = d.keys[:0]
	if len(p) == 1 && p[0] == '\n' && d.state == ground && !d.cr {
		d.emit(key{code: 'j', mod: ctrl})
		return d.keys
	}
	for len(p) > 0 {
		if d.state == pasting {
			p = d.feedPaste(p)
			continue
		}
		d.byte(p[0])
		p = p[1:]
	}
	return d.keys
}

// waiting reports whether a sequence is incomplete that a timeout must end.
func (d *decoder) waiting() bool { return d.state != ground && d.state != pasting }

// sequenceTimeout returns how long to wait for the rest of an incomplete sequence. A single ESC may be the Escape key, which
// must act at once; any other sequence may arrive slowly.
func (d *decoder) sequenceTimeout() time.Duration {
	if d.state == escape || d.state == partial || len(d.seq) == 0 {
		return 50 * time.Millisecond
	}
	return time.Second
}

// timeout ends an incomplete sequence, and returns the keys that it stands for.
func (d *decoder) timeout() []key {
	d.keys = d.keys[:0]
	switch d.state {
	case partial:
		d.emit(key{code: utf8.RuneError})
	case escape:
		if d.alt {
			d.keys = append(d.keys, key{code: keyEscape})
		}
		d.keys = append(d.keys, key{code: keyEscape})
	case csi:
		d.emitBare('[')
	case ss3:
		d.emitBare('O')
	case str:
		if len(d.seq) == 1 {
			d.emit(key{code: rune(d.seq[0]), mod: alt})
		}
	}
	d.reset()
	return d.keys
}

// emitBare emits Alt and a character that looked like the beginning of a sequence.
func (d *decoder) emitBare(r rune) {
	if len(d.seq) == 0 {
		d.emit(key{code: r, mod: alt})
	}
}

func (d *decoder) reset() { d.state, d.alt, d.seq, d.skip = ground, false, d.seq[:0], 0 }

// emit appends a key, with Alt when an ESC stood before it.
func (d *decoder) emit(k key) {
	if d.alt {
		k.mod |= alt
	}
	d.keys = append(d.keys, k)
}

// byte passes one byte through the state machine.
func (d *decoder) byte(b byte) {
	afterCR := d.cr
	d.cr = false
	switch d.state {
	case ground:
		if b == '\n' && afterCR {
			return
		}
		d.ground(b)
	case partial:
		d.partial(b)
	case escape:
		d.escape(b)
	case csi:
		d.csi(b)
	case ss3:
		d.ss3(b)
	case str:
		d.str(b)
	case strEscape:
		d.strEscape(b)
	case mouse:
		if d.skip--; d.skip == 0 {
			d.reset()
		}
	}
}

func (d *decoder) ground(b byte) {
	switch {
	case b == 0x1b:
		d.state = escape
	case b < 0x20 || b == 0x7f:
		d.cr = b == '\r'
		d.emit(control(b))
		d.reset()
	case b < utf8.RuneSelf:
		d.emit(key{code: rune(b)})
		d.reset()
	default:
		d.seq = append(d.seq[:0], b)
		d.state = partial
		d.whole()
	}
}

// partial adds one more byte of a rune. A byte that cannot belong to it starts a new one.
func (d *decoder) partial(b byte) {
	if utf8.RuneStart(b) {
		d.emit(key{code: utf8.RuneError})
		d.reset()
		d.ground(b)
		return
	}
	d.seq = append(d.seq, b)
	d.whole()
}

// whole emits the rune in seq if it is complete. C1 controls are dropped, since no keyboard sends them.
func (d *decoder) whole() {
	if !utf8.FullRune(d.seq) {
		return
	}
	r, _ := utf8.DecodeRune(d.seq)
	if r < 0x80 || r > 0x9f {
		d.emit(key{code: r})
	}
	d.reset()
}

func (d *decoder) escape(b byte) {
	switch b {
	case 0x1b:
		if d.alt { // a third ESC: the first was a key
			d.keys = append(d.keys, key{code: keyEscape})
		}
		d.alt = true
	case '[':
		d.start(csi)
	case 'O':
		d.start(ss3)
	case ']', 'P', 'X', '^', '_':
		d.start(str)
		d.seq = append(d.seq, b)
	default:
		d.alt = true
		d.state = ground
		d.ground(b)
	}
}

func (d *decoder) start(s state) { d.state, d.seq = s, d.seq[:0] }

// csi collects a control sequence (ECMA-48, 5.4): parameters, intermediates, one final byte.
func (d *decoder) csi(b byte) {
	switch {
	case b == 0x1b:
		d.reset()
		d.state = escape
	case b == 0x18 || b == 0x1a: // CAN and SUB cancel a sequence
		d.reset()
	case b < 0x20 || b == 0x7f: // a control inside a sequence is a key of its own
		d.reset()
		d.ground(b)
	case b == '[' && len(d.seq) == 0: // the Linux console's F1 to F5
		d.seq = append(d.seq, b)
	case b == 'M' && len(d.seq) == 0:
		d.state, d.skip = mouse, 3
	case b >= 0x80:
		d.reset()
		d.ground(b)
	case b >= 0x40 || b == '$' && digits(d.seq): // rxvt ends shifted keys with $
		d.endSequence(sequence('[', d.seq, b))
	case len(d.seq) < maxSeq:
		d.seq = append(d.seq, b)
	}
}

func (d *decoder) ss3(b byte) {
	switch {
	case b >= '0' && b <= '9' || b == ';':
		if len(d.seq) < maxSeq {
			d.seq = append(d.seq, b)
		}
	case b >= 0x40 && b < 0x7f:
		d.endSequence(sequence('O', d.seq, b))
	default:
		d.reset()
		d.ground(b)
	}
}

// endSequence ends a sequence, and emits its key if it has one.
func (d *decoder) endSequence(k key, known bool) {
	if k.code == keyPasteStart {
		d.reset()
		d.state, d.paste = pasting, d.paste[:0]
		return
	}
	if known {
		d.emit(k)
	}
	d.reset()
}

// str skips a string up to BEL or ST. Another control character ends it, since a reply contains none: it was typed.
func (d *decoder) str(b byte) {
	switch {
	case b == 0x1b:
		d.state = strEscape
	case b == 0x07:
		d.reset()
	case b < 0x20:
		d.reset()
		d.ground(b)
	case len(d.seq) < 2:
		d.seq = append(d.seq, b)
	}
}

func (d *decoder) strEscape(b byte) {
	d.reset()
	if b != '\\' {
		d.state = escape
		d.byte(b)
	}
}

// feedPaste adds bytes of a bracketed paste up to its end, and returns the rest.
func (d *decoder) feedPaste(p []byte) []byte {
	from := max(0, len(d.paste)-len(pasteEnd)+1)
	d.paste = append(d.paste, p...)
	i := bytes.Index(d.paste[from:], pasteEnd)
	if i < 0 {
		return nil
	}
	end := from + i
	rest := len(d.paste) - end - len(pasteEnd)
	d.emit(key{code: keyPaste, text: pasted(d.paste[:end])})
	d.paste = nil
	d.reset()
	return p[len(p)-rest:]
}

// pasted returns the text of a paste: valid UTF-8, every line end (terminals send CR) a newline.
func pasted(p []byte) string {
	p = bytes.ReplaceAll(p, []byte("\r\n"), []byte("\n"))
	p = bytes.ReplaceAll(p, []byte("\r"), []byte("\n"))
	return string(bytes.ToValidUTF8(p, []byte("\uFFFD")))
}
