package codec

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"
	"unicode/utf8"
)

// The major types of CBOR (RFC 8949, section 3.1).
const (
	cborUnsigned = iota
	cborNegative
	cborBytes
	cborText
	cborArray
	cborMap
	cborTag
	cborSimple
)

// The special values of the additional information of a head (RFC 8949, section 3).
const (
	cborByte       = 24 // one byte of argument follows; 25, 26 and 27 mean 2, 4 and 8
	cborEight      = 27
	cborIndefinite = 31 // the item ends with a break
)

// cborBreak ends an item of indefinite length.
const cborBreak = 0xff

// Tags whose meaning is shown (RFC 8949, section 3.4).
const (
	tagDate          = 0
	tagSeconds       = 1
	tagBig           = 2
	tagNegativeBig   = 3
	tagSelfDescribed = 55799
)

// maxDecimal is the maximum size of an integer that is shown in decimal, in bytes. The time of the conversion grows with the square of
// the length.
const maxDecimal = 1 << 10

var errNotUTF8 = errors.New("a text string that is not UTF-8")

// cborHead is the beginning of an item.
type cborHead struct {
	major, info byte
	argument    uint64
}

// decodeCBOR decodes a sequence of items (RFC 8742), which is one item in most messages.
func decodeCBOR(w *writer, payload []byte) error {
	if len(payload) == 0 {
		return errCut
	}
	for len(payload) > 0 {
		rest, err := cborItem(w, payload, 0)
		if err != nil {
			return err
		}
		w.end()
		payload = rest
	}
	return nil
}

// decodeOneCBOR decodes a single item.
func decodeOneCBOR(w *writer, payload []byte) error {
	rest, err := cborItem(w, payload, 0)
	if err == nil && len(rest) > 0 {
		return errMore
	}
	w.end()
	return err
}

// cborItem writes the item at the beginning of data, and returns the rest.
func cborItem(w *writer, data []byte, depth int) (rest []byte, err error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if err := w.value(); err != nil {
		return nil, err
	}
	h, rest, err := readCBORHead(data)
	if err != nil {
		return nil, err
	}
	switch h.major {
	case cborUnsigned:
		w.uint(h.argument)
		return rest, nil
	case cborNegative:
		writeInteger(w, new(big.Int).SetUint64(h.argument), true)
		return rest, nil
	case cborBytes:
		content, rest, err := cborString(h, rest)
		if err == nil {
			w.bytes(content)
		}
		return rest, err
	case cborText:
		content, rest, err := cborString(h, rest)
		if err == nil {
			w.quote(content)
		}
		return rest, err
	case cborArray, cborMap:
		return cborItems(w, h, rest, depth)
	case cborTag:
		return cborTagged(w, h.argument, rest, depth)
	}
	return rest, cborSimpleValue(w, h)
}

// readCBORHead reads the head of an item.
func readCBORHead(data []byte) (h cborHead, rest []byte, err error) {
	if len(data) == 0 {
		return h, nil, errCut
	}
	h.major, h.info = data[0]>>5, data[0]&31
	rest = data[1:]
	switch {
	case h.info < cborByte:
		h.argument = uint64(h.info)
		return h, rest, nil
	case h.info == cborIndefinite && h.major >= cborBytes && h.major <= cborMap:
		return h, rest, nil
	case h.info > cborEight:
		return h, nil, fmt.Errorf("no value begins with the byte %#02x", data[0])
	}
	size := 1 << (h.info - cborByte)
	if len(rest) < size {
		return h, nil, errCut
	}
	h.argument = bigEndian(rest[:size])
	return h, rest[size:], nil
}

// bigEndian returns the integer of up to 8 bytes, the most significant first.
func bigEndian(data []byte) (v uint64) {
	for _, b := range data {
		v = v<<8 | uint64(b)
	}
	return v
}

// cborString reads bytes or text after its head, in chunks if its length is indefinite (RFC 8949, section 3.2.3).
func cborString(h cborHead, data []byte) (content, rest []byte, err error) {
	if h.info != cborIndefinite {
		return cborChunk(h, data)
	}
	for {
		if len(data) > 0 && data[0] == cborBreak {
			return content, data[1:], nil
		}
		chunk, rest, err := readCBORHead(data)
		switch {
		case err != nil:
			return nil, nil, err
		case chunk.major != h.major || chunk.info == cborIndefinite:
			return nil, nil, errors.New("a string with a chunk of another type")
		}
		bytes, rest, err := cborChunk(chunk, rest)
		if err != nil {
			return nil, nil, err
		}
		content, data = append(content, bytes...), rest
	}
}

func cborChunk(h cborHead, data []byte) (content, rest []byte, err error) {
	if h.argument > uint64(len(data)) {
		return nil, nil, errCut
	}
	content = data[:h.argument]
	if h.major == cborText && !utf8.Valid(content) {
		return nil, nil, errNotUTF8
	}
	return content, data[h.argument:], nil
}

// cborItems writes an array or a map. It allocates nothing for the count in the head.
func cborItems(w *writer, h cborHead, data []byte, depth int) (rest []byte, err error) {
	open, end := byte('['), byte(']')
	if h.major == cborMap {
		open, end = '{', '}'
	}
	w.byte(open)
	for i := uint64(0); h.info == cborIndefinite || i < h.argument; i++ {
		if h.info == cborIndefinite && len(data) > 0 && data[0] == cborBreak {
			data = data[1:]
			break
		}
		if i > 0 {
			w.byte(',')
		}
		if h.major == cborMap {
			if data, err = cborKey(w, data, depth+1); err != nil {
				return nil, err
			}
			w.byte(':')
		}
		if data, err = cborItem(w, data, depth+1); err != nil {
			return nil, err
		}
	}
	w.byte(end)
	return data, nil
}

// cborKey writes the item that is the key of a map.
func cborKey(w *writer, data []byte, depth int) (rest []byte, err error) {
	if len(data) > 0 && data[0]>>5 == cborText {
		return cborItem(w, data, depth)
	}
	err = w.key(func() error {
		rest, err = cborItem(w, data, depth)
		return err
	})
	return rest, err
}

// cborTagged writes the meaning of a tag, or the tag and its value.
func cborTagged(w *writer, tag uint64, data []byte, depth int) (rest []byte, err error) {
	if tag == tagSelfDescribed {
		return cborItem(w, data, depth+1)
	}
	if rest, ok := cborMeaning(w, tag, data); ok {
		return rest, nil
	}
	w.byte('{')
	w.member("tag")
	w.uint(tag)
	w.byte(',')
	w.member("value")
	rest, err = cborItem(w, data, depth+1)
	w.byte('}')
	return rest, err
}

// cborMeaning writes the meaning of a tag and its value, if that is known.
func cborMeaning(w *writer, tag uint64, data []byte) (rest []byte, ok bool) {
	h, rest, err := readCBORHead(data)
	if err != nil {
		return nil, false
	}
	switch {
	case tag == tagDate && h.major == cborText:
		content, rest, err := cborString(h, rest)
		if err != nil || len(content) > 64 { // a date is shorter
			return nil, false
		}
		date, err := time.Parse(time.RFC3339Nano, string(content))
		return rest, err == nil && writeDate(w, date)
	case tag == tagSeconds:
		seconds, ok := h.number()
		if !ok || !(math.Abs(seconds) < 1<<38) {
			return nil, false
		}
		integer, fraction := math.Modf(seconds)
		return rest, writeDate(w, time.Unix(int64(integer), int64(math.Round(fraction*1e9))))
	case (tag == tagBig || tag == tagNegativeBig) && h.major == cborBytes:
		content, rest, err := cborString(h, rest)
		if err != nil {
			return nil, false
		}
		writeInteger(w, new(big.Int).SetBytes(content), tag == tagNegativeBig)
		return rest, true
	}
	return nil, false
}

// writeInteger writes an integer, or -1 minus the integer. A long one is written as a hexadecimal string.
func writeInteger(w *writer, v *big.Int, negative bool) {
	if negative {
		v.Not(v)
	}
	if (v.BitLen()+7)/8 <= maxDecimal {
		w.rawBytes(v.Append(nil, 10))
		return
	}
	digits := v.Append(nil, 16)
	w.byte(w.quotes())
	if v.Sign() < 0 {
		w.byte('-')
		digits = digits[1:]
	}
	w.raw("0x")
	w.rawBytes(digits)
	w.byte(w.quotes())
}

// number returns the number that a head encodes.
func (h cborHead) number() (f float64, ok bool) {
	switch {
	case h.major == cborUnsigned:
		return float64(h.argument), true
	case h.major == cborNegative:
		return -1 - float64(h.argument), true
	case h.major == cborSimple && h.info == 25:
		return halfFloat(h.argument), true
	case h.major == cborSimple && h.info == 26:
		return float64(math.Float32frombits(uint32(h.argument))), true
	case h.major == cborSimple && h.info == cborEight:
		return math.Float64frombits(h.argument), true
	}
	return 0, false
}

// halfFloat returns the floating-point number of IEEE 754 in 16 bits (RFC 8949, appendix D).
func halfFloat(bits uint64) (f float64) {
	exponent, fraction := int(bits>>10&31), float64(bits&0x3ff)
	switch {
	case exponent == 0:
		f = math.Ldexp(fraction, -24)
	case exponent < 31:
		f = math.Ldexp(fraction+1024, exponent-25)
	case fraction == 0:
		f = math.Inf(1)
	default:
		f = math.NaN()
	}
	if bits&0x8000 != 0 {
		return -f
	}
	return f
}

// writeDate writes a date, and reports whether RFC 3339 can represent it.
func writeDate(w *writer, date time.Time) bool {
	if date = date.UTC(); date.Year() < 0 || date.Year() > 9999 {
		return false
	}
	w.quote([]byte(date.Format(time.RFC3339Nano)))
	return true
}

// cborSimpleValue writes a float or a simple value; a simple value without a name is written in diagnostic notation (RFC 8949, section 8).
func cborSimpleValue(w *writer, h cborHead) error {
	switch h.info {
	case 20:
		w.raw("false")
	case 21:
		w.raw("true")
	case 22, 23: // null and undefined
		w.raw("null")
	case 25, 26, cborEight:
		f, _ := h.number()
		bits := 32
		if h.info == cborEight {
			bits = 64
		}
		w.float(f, bits)
	default:
		if h.info == cborByte && h.argument < 32 {
			return fmt.Errorf("the simple value %d in two bytes", h.argument)
		}
		w.byte(w.quotes())
		w.raw("simple(")
		w.uint(h.argument)
		w.byte(')')
		w.byte(w.quotes())
	}
	return nil
}
