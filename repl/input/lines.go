package input

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"wsx/client"
)

// blockSize is the size of the buffer, in bytes. A read of a pipe returns at most 64 KiB, so half of the buffer is enough for
// it, even after the beginning of a line.
const blockSize = 128 << 10

// Lines delivers each line of a text, or each NUL-terminated string. The last one need not be terminated.
type Lines struct {
	from         *interruptible
	o            Options
	end          byte // what ends a line
	number       int  // of the line that was delivered last
	err          error
	unterminated bool // the line that was delivered last had no end

	block   []byte
	start   int // block[start:filled] is read and not yet delivered
	filled  int
	scanned int  // no end of line lies before it
	lineEnd int  // where the next end of line lies; -1 = not known
	ascii   bool // everything that is read and not yet delivered is ASCII, so that its lines need no UTF-8 check
}

// NewLines delivers lines without their \n or \r\n.
func NewLines(from io.Reader, o Options) *Lines { return newLines(from, '\n', o) }

// NewNull delivers strings that end with NUL, as find -print0 writes them.
func NewNull(from io.Reader, o Options) *Lines { return newLines(from, 0, o) }

func newLines(from io.Reader, end byte, o Options) *Lines {
	return &Lines{from: newInterruptible(from), o: o.withDefaults(), end: end, lineEnd: -1}
}

// Ready reports whether a whole line has been read that was not yet delivered.
func (l *Lines) Ready() bool {
	if l.lineEnd >= 0 {
		return true
	}
	i := bytes.IndexByte(l.block[l.scanned:l.filled], l.end)
	if i < 0 {
		l.scanned = l.filled
		return false
	}
	l.lineEnd = l.scanned + i
	return true
}

// Next returns the next line, without a copy. The error is a *RejectedLine if a line is too long or not UTF-8; later calls
// return the same error.
func (l *Lines) Next(ctx context.Context) (Line, error) {
	for !l.Ready() {
		if l.err != nil {
			return l.last()
		}
		if err := l.read(ctx); err != nil {
			return Line{}, err
		}
	}
	line := l.nextLine()
	if l.isValid(line) {
		return Line{Type: l.o.Type, Data: line, Number: l.number}, nil
	}
	return Line{}, l.rejectLine(line)
}

// nextLine consumes the line that is ready, and returns it without its end.
func (l *Lines) nextLine() []byte {
	line := l.block[l.start:l.lineEnd]
	l.start = l.lineEnd + 1
	l.scanned, l.lineEnd = l.start, -1
	l.number++
	if n := len(line); l.end == '\n' && n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if l.number == 1 {
		line = l.trimMark(line)
	}
	return line
}

// trimMark removes a byte order mark from the first line, if it is text.
func (l *Lines) trimMark(line []byte) []byte {
	if l.o.Type == client.Text {
		return TrimMark(line)
	}
	return line
}

// Type returns that of the messages.
func (l *Lines) Type() client.Type { return l.o.Type }

// Rest returns the complete lines that were read and not yet delivered.
func (l *Lines) Rest() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for l.Ready() {
			line := l.nextLine()
			if !l.isValid(line) {
				l.rejectLine(line) // Next returns the error
				return
			}
			if !yield(line) {
				return
			}
		}
	}
}

// last returns the unterminated last line, then the error that ended the input.
func (l *Lines) last() (Line, error) {
	if l.start == l.filled || !errors.Is(l.err, io.EOF) {
		return Line{}, l.err
	}
	line := l.block[l.start:l.filled]
	l.start, l.unterminated = l.filled, true
	if l.number++; l.number == 1 {
		line = l.trimMark(line)
	}
	if l.isValid(line) {
		return Line{Type: l.o.Type, Data: line, Number: l.number}, nil
	}
	return Line{}, l.rejectLine(line)
}

func (l *Lines) isValid(line []byte) bool {
	return len(line) <= l.o.Max && (l.ascii || l.o.Type != client.Text || utf8.Valid(line))
}

func (l *Lines) rejectLine(line []byte) error {
	if len(line) > l.o.Max {
		return l.reject(l.tooLong())
	}
	return l.reject(&RejectedLine{Name: l.o.Name, Number: l.number, Reason: notUTF8, Cause: NotUTF8Cause(line)})
}

// reject ends the input with an error.
func (l *Lines) reject(err error) error {
	l.start, l.scanned, l.filled, l.lineEnd = 0, 0, 0, -1
	l.err = err
	return err
}

func (l *Lines) tooLong() error {
	return &RejectedLine{
		Name:   l.o.Name,
		Number: l.number,
		Reason: fmt.Sprintf("longer than the maximum, %d bytes", l.o.Max),
		Cause:  LineTooLong,
	}
}

// read reads once. After its error, which is that of ctx, reading can continue.
func (l *Lines) read(ctx context.Context) error {
	if l.filled-l.start > l.o.Max+1 { // it and a \r
		l.number++
		return l.reject(l.tooLong())
	}
	l.room()
	n, err := l.from.Read(ctx, l.block[l.filled:])
	l.ascii = l.ascii && isASCII(l.block[l.filled:l.filled+n])
	l.filled += n
	l.err, err = l.o.ending(ctx, err)
	return err
}

// shortRest is how much of an incomplete line is scanned again when more is read, in bytes; scanning all of a long line for
// each read would be slow.
const shortRest = 4 << 10

// isASCII reports whether a text is ASCII. It reads eight bytes at a time.
func isASCII(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// room makes room for at least half a block after what was read.
func (l *Lines) room() {
	rest := l.block[l.start:l.filled]
	into := l.block
	switch {
	case len(rest) == 0 && len(l.block) != blockSize:
		into = make([]byte, blockSize) // the first, or after a long line
	case len(l.block)-len(rest) < blockSize/2:
		into = make([]byte, 2*len(l.block))
	}
	l.ascii = len(rest) < shortRest && isASCII(rest)
	l.scanned -= l.start
	l.start, l.filled = 0, copy(into, rest)
	l.block = into
}
