package codec

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// ComplexityError is a message that has too many values, or becomes too long as JSON.
type ComplexityError struct {
	Values int // lower bound of the number of values
	Bytes  int // length as JSON; 0 = there are too many values
}

func (e *ComplexityError) Error() string {
	if e.Bytes > 0 {
		return fmt.Sprintf("too complex to be shown, %d values that take %d bytes as JSON", e.Values, e.Bytes)
	}
	return fmt.Sprintf("too complex to be shown, %d values", e.Values)
}

// isFinal reports whether trying another codec would be useless.
func isFinal(err error) bool { return isComplex(err) || isInterrupt(err) }

func isComplex(err error) bool {
	_, ok := errors.AsType[*ComplexityError](err)
	return ok
}

func isInterrupt(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// The bounds of the output for a message.
const (
	minValues      = 64 << 10 // number of values that are always allowed
	minText        = 64 << 10 // bytes of JSON that are always allowed
	bytesPerValue  = 16       // a message may have one value for this many bytes of its limit
	workPerByte    = 16       // maximum number of times that each byte of a payload is scanned, on average
	textPerByte    = 2        // bytes of JSON for each byte of the limit
	countedPayload = 64 << 10 // the output for a payload of more bytes is counted before it is written
	valuesPerPoll  = 4 << 10  // values between two checks of the context
	bytesPerPoll   = 1 << 20  // decompressed bytes between two checks; a short message is never interrupted
	maxReused      = 1 << 20  // maximum capacity of text that is kept for the next message, in bytes
)

// writer writes values as JSON within bounds.
//
// The output for a long payload is counted first. So the text is allocated once with its final length, and a message that is too
// complex is refused before anything is allocated. Growing the text would take several times its length.
type writer struct {
	ctx       context.Context // nil while nothing is decoded
	maxInput  int64           // limit of decompressed bytes
	maxText   int
	maxValues int

	text   []byte
	ends   []int // offset of the end of each value in text
	values int   // number of values, including nested ones
	err    error // the first error; after it, nothing is written

	counting bool
	counted  int // while counting, the length that text would have

	work    int // number of bytes scanned; those of nested messages count at each level
	maxWork int

	// keys is the number of enclosing map keys that are not strings. Together they are one JSON string, in which strings are between
	// single quotes: a key in a key in a key is not quoted repeatedly.
	keys int
}

func newWriter(o Options) writer {
	limit := min(o.limit(), math.MaxInt/4)
	return writer{
		ctx: context.Background(), maxInput: limit,
		maxText:   max(minText, textPerByte*int(limit)),
		maxValues: max(minValues, int(limit/bytesPerValue)),
	}
}

// reset discards the text.
func (w *writer) reset() {
	if cap(w.text) > maxReused {
		w.text = nil
	}
	w.rewind(mark{})
	w.text, w.ends, w.counting, w.work = w.text[:0], w.ends[:0], false, 0
}

// detach passes the ownership of the text to the caller.
func (w *writer) detach() { w.text = nil }

// all returns the written values.
func (w *writer) all() [][]byte {
	list := make([][]byte, len(w.ends))
	start := 0
	for i, end := range w.ends {
		list[i] = w.text[start:end:end]
		start = end
	}
	return list
}

// write calls a function that writes the values of a payload of a length. It may call it twice.
func (w *writer) write(length int, values func() error) error {
	w.maxWork = workPerByte * max(length, minText)
	if length > countedPayload {
		return w.countAndWrite(values)
	}
	err := values()
	if err == nil {
		err = w.err
	}
	if isComplex(err) {
		return w.countAndWrite(values) // counts for the numbers in the error
	}
	return err
}

func (w *writer) countAndWrite(values func() error) error {
	w.reset()
	w.counting = true
	err := values()
	switch {
	case err != nil:
		return err
	case w.values > w.maxValues:
		return &ComplexityError{Values: w.values}
	case w.counted > w.maxText:
		return &ComplexityError{Values: w.values, Bytes: w.counted}
	}
	length := w.counted
	w.reset()
	if cap(w.text) < length {
		w.text = make([]byte, 0, length)
	}
	if err := values(); err != nil {
		return err
	}
	return w.err
}

// mark is a state of the writer that rewind restores.
type mark struct {
	text, counted, values, keys int
	err                         error
}

func (w *writer) mark() mark { return mark{len(w.text), w.counted, w.values, w.keys, w.err} }

// rewind discards the text since the mark.
func (w *writer) rewind(m mark) {
	w.text, w.counted, w.values, w.keys, w.err = w.text[:m.text], m.counted, m.values, m.keys, m.err
}

// value is called before each value.
func (w *writer) value() error {
	w.values++
	if w.values%valuesPerPoll == 0 && w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if !w.counting && w.values > w.maxValues {
		w.err = &ComplexityError{Values: w.values}
	}
	return w.err
}

// spend is called before a number of bytes is scanned without being written.
func (w *writer) spend(length int) error {
	if w.work += length; w.work > w.maxWork {
		return &ComplexityError{Values: w.values}
	}
	if w.ctx.Err() != nil && length > bytesPerPoll {
		return w.ctx.Err()
	}
	return nil
}

// end is called after each top-level value.
func (w *writer) end() {
	if !w.counting {
		w.ends = append(w.ends, len(w.text))
	}
}

// room reports whether n bytes may be appended. While counting, it counts them, and nothing may be appended.
func (w *writer) room(n int) bool {
	switch {
	case w.counting:
		w.counted += n
		return false
	case w.err != nil:
		return false
	case len(w.text)+n > w.maxText:
		w.err = &ComplexityError{Values: w.values, Bytes: len(w.text) + n}
		return false
	}
	return true
}

func (w *writer) byte(b byte) {
	if w.room(1) {
		w.text = append(w.text, b)
	}
}

// raw writes JSON.
func (w *writer) raw(text string) {
	if w.room(len(text)) {
		w.text = append(w.text, text...)
	}
}

// rawBytes writes JSON, or any bytes if the codec compresses.
func (w *writer) rawBytes(text []byte) {
	if w.room(len(text)) {
		w.text = append(w.text, text...)
	}
}

// quotes returns the quotation mark of strings.
func (w *writer) quotes() byte {
	if w.keys > 0 {
		return '\''
	}
	return '"'
}

// quote writes a string. Bytes that are not UTF-8 become U+FFFD.
func (w *writer) quote(text []byte) {
	w.byte(w.quotes())
	w.escape(text)
	w.byte(w.quotes())
}

// member writes the name of a member.
func (w *writer) member(name string) {
	w.quote([]byte(name))
	w.byte(':')
}

// key calls a function that writes a map's key that is not a string.
func (w *writer) key(write func() error) error {
	if w.keys == 0 {
		w.byte('"')
	}
	w.keys++
	err := write()
	w.keys--
	if w.keys == 0 {
		w.byte('"')
	}
	return err
}

// escape writes the content of a string. It escapes like encoding/json without HTML.
func (w *writer) escape(text []byte) {
	n := len(text)
	if w.counting || w.maxText-len(w.text) < 6*n {
		n = escapedLength(text)
	}
	if w.room(n) {
		w.text = appendEscaped(w.text, text)
	}
}

// bytesMember is the name of the only member of an object that represents bytes, which JSON does not have.
const bytesMember = "base64"

// bytes writes the object that represents bytes.
func (w *writer) bytes(data []byte) {
	w.byte('{')
	w.member(bytesMember)
	w.byte(w.quotes())
	if w.room(base64.StdEncoding.EncodedLen(len(data))) {
		w.text = base64.StdEncoding.AppendEncode(w.text, data)
	}
	w.byte(w.quotes())
	w.byte('}')
}

// content writes the content of a payload: JSON unchanged, text, or bytes.
func (w *writer) content(data []byte) {
	switch {
	case w.keys == 0 && IsDocument(data):
		w.rawBytes(data)
	case isText(data):
		w.quote(data)
	default:
		w.bytes(data)
	}
}

func (w *writer) int(v int64) {
	var digits [20]byte
	w.rawBytes(strconv.AppendInt(digits[:0], v, 10))
}

func (w *writer) uint(v uint64) {
	var digits [20]byte
	w.rawBytes(strconv.AppendUint(digits[:0], v, 10))
}

func (w *writer) bool(v bool) { w.raw(strconv.FormatBool(v)) }

// float writes a number, or a string for a value that JSON does not have, like NaN.
func (w *writer) float(f float64, bits int) {
	var digits [32]byte
	text := strconv.AppendFloat(digits[:0], f, 'g', -1, bits)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.quote(text)
		return
	}
	w.rawBytes(text)
}

// inflate writes all bytes of a reader as one value. It must be called at most once for each message.
func (w *writer) inflate(from io.Reader) error {
	polled := 0
	for {
		if len(w.text)-polled > bytesPerPoll {
			if polled = len(w.text); w.ctx.Err() != nil {
				return w.ctx.Err()
			}
		}
		if len(w.text) == cap(w.text) {
			w.text = slices.Grow(w.text, max(4<<10, len(w.text)))
		}
		n, err := from.Read(w.text[len(w.text):cap(w.text)])
		w.text = w.text[:len(w.text)+n]
		switch {
		case int64(len(w.text)) > w.maxInput:
			return fmt.Errorf("it inflates to more than %d bytes", w.maxInput)
		case err == io.EOF:
			w.end()
			return nil
		case err != nil:
			return err
		}
	}
}

// IsDocument reports whether text is a JSON object or array.
func IsDocument(text []byte) bool {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(text)
}

// isText reports whether a payload is readable text.
func isText(payload []byte) bool {
	return utf8.Valid(payload) && !bytes.ContainsFunc(payload, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}
