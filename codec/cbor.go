package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
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

// What may stand for an argument in a head (RFC 8949, section 3).
const (
	cborByte       = 24 // the first that says how many bytes of argument follow: 1, 2, 4 or 8
	cborEight      = 27 // the last
	cborIndefinite = 31 // the item goes on until a break
)

// cborBreak ends an item of indefinite length.
const cborBreak = 0xff

// Tags that are shown as what they mean (RFC 8949, section 3.4).
const (
	tagDate          = 0
	tagSeconds       = 1
	tagBig           = 2
	tagNegativeBig   = 3
	tagSelfDescribed = 55799
)

var errNotUTF8 = errors.New("a text that is not UTF-8")

// cborHead is how an item begins.
type cborHead struct {
	major, info byte
	argument    uint64
}

func decodeCBOR(payload []byte) ([]byte, error) {
	text, rest, err := appendCBOR(nil, payload, 0)
	if err == nil && len(rest) > 0 {
		return nil, errMore
	}
	return text, err
}

// appendCBOR appends the JSON of the item at the beginning of data, and returns what follows it.
func appendCBOR(dst, data []byte, depth int) (text, rest []byte, err error) {
	if depth > deepest {
		return nil, nil, errTooDeep
	}
	h, rest, err := readCBORHead(data)
	if err != nil {
		return nil, nil, err
	}
	switch h.major {
	case cborUnsigned:
		return strconv.AppendUint(dst, h.argument, 10), rest, nil
	case cborNegative:
		whole := new(big.Int).SetUint64(h.argument)
		return whole.Not(whole).Append(dst, 10), rest, nil
	case cborBytes:
		content, rest, err := cborString(h, rest)
		return appendBytes(dst, content), rest, err
	case cborText:
		content, rest, err := cborString(h, rest)
		return appendString(dst, string(content)), rest, err
	case cborArray, cborMap:
		return appendCBORItems(dst, h, rest, depth)
	case cborTag:
		return appendCBORTag(dst, h.argument, rest, depth)
	}
	text, err = appendCBORSimple(dst, h)
	return text, rest, err
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
		return h, nil, fmt.Errorf("the byte %#02x begins no value", data[0])
	}
	size := 1 << (h.info - cborByte)
	if len(rest) < size {
		return h, nil, errCut
	}
	var wide [8]byte
	copy(wide[8-size:], rest)
	h.argument = binary.BigEndian.Uint64(wide[:])
	return h, rest[size:], nil
}

// cborString reads what follows the head of bytes or text, in pieces if its length was not known (RFC 8949, section 3.2.3).
func cborString(h cborHead, data []byte) (content, rest []byte, err error) {
	if h.info != cborIndefinite {
		return cborPiece(h, data)
	}
	for {
		if len(data) > 0 && data[0] == cborBreak {
			return content, data[1:], nil
		}
		piece, rest, err := readCBORHead(data)
		switch {
		case err != nil:
			return nil, nil, err
		case piece.major != h.major || piece.info == cborIndefinite:
			return nil, nil, errors.New("a string of pieces that do not fit")
		}
		bytes, rest, err := cborPiece(piece, rest)
		if err != nil {
			return nil, nil, err
		}
		content, data = append(content, bytes...), rest
	}
}

func cborPiece(h cborHead, data []byte) (content, rest []byte, err error) {
	if h.argument > uint64(len(data)) {
		return nil, nil, errCut
	}
	content = data[:h.argument]
	if h.major == cborText && !utf8.Valid(content) {
		return nil, nil, errNotUTF8
	}
	return content, data[h.argument:], nil
}

// appendCBORItems appends an array or a map. A count that is announced allocates nothing by itself.
func appendCBORItems(dst []byte, h cborHead, data []byte, depth int) (text, rest []byte, err error) {
	begin, end := byte('['), byte(']')
	if h.major == cborMap {
		begin, end = '{', '}'
	}
	dst = append(dst, begin)
	var key []byte
	for i := uint64(0); h.info == cborIndefinite || i < h.argument; i++ {
		if h.info == cborIndefinite && len(data) > 0 && data[0] == cborBreak {
			data = data[1:]
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		if h.major == cborMap {
			if key, data, err = appendCBOR(key[:0], data, depth+1); err != nil {
				return nil, nil, err
			}
			dst = appendKey(dst, key)
		}
		if dst, data, err = appendCBOR(dst, data, depth+1); err != nil {
			return nil, nil, err
		}
	}
	return append(dst, end), data, nil
}

// appendCBORTag appends what a tag means, or the tag and its value.
func appendCBORTag(dst []byte, tag uint64, data []byte, depth int) (text, rest []byte, err error) {
	if tag == tagSelfDescribed {
		return appendCBOR(dst, data, depth+1)
	}
	value, rest, err := appendCBOR(nil, data, depth+1)
	if err != nil {
		return nil, nil, err
	}
	if meant := cborMeaning(tag, data, value); meant != nil {
		return append(dst, meant...), rest, nil
	}
	dst = strconv.AppendUint(append(dst, `{"tag":`...), tag, 10)
	dst = append(append(dst, `,"value":`...), value...)
	return append(dst, '}'), rest, nil
}

// cborMeaning is the JSON of what a tag makes of its value, an item whose JSON is known; nil = nothing else.
func cborMeaning(tag uint64, item, value []byte) []byte {
	h, rest, _ := readCBORHead(item) // it was read before
	switch {
	case tag == tagDate && h.major == cborText:
		content, _, _ := cborString(h, rest)
		if date, err := time.Parse(time.RFC3339Nano, string(content)); err == nil {
			return cborDate(date)
		}
	case tag == tagSeconds:
		seconds, err := strconv.ParseFloat(string(value), 64)
		if err == nil && math.Abs(seconds) < 1<<38 {
			whole, part := math.Modf(seconds)
			return cborDate(time.Unix(int64(whole), int64(math.Round(part*1e9))))
		}
	case (tag == tagBig || tag == tagNegativeBig) && h.major == cborBytes:
		content, _, _ := cborString(h, rest)
		whole := new(big.Int).SetBytes(content)
		if tag == tagNegativeBig {
			whole.Not(whole)
		}
		return whole.Append(nil, 10)
	}
	return nil
}

// cborDate is a date that RFC 3339 can write, nil if it cannot.
func cborDate(date time.Time) []byte {
	if date = date.UTC(); date.Year() < 0 || date.Year() > 9999 {
		return nil
	}
	return appendString(nil, date.Format(time.RFC3339Nano))
}

// appendCBORSimple appends a float or a simple value; one without a name as in diagnostic notation (RFC 8949, section 8).
func appendCBORSimple(dst []byte, h cborHead) ([]byte, error) {
	switch h.info {
	case 20:
		return append(dst, "false"...), nil
	case 21:
		return append(dst, "true"...), nil
	case 22, 23: // undefined, too
		return append(dst, "null"...), nil
	case cborByte:
		if h.argument < 32 {
			return nil, fmt.Errorf("the simple value %d in two bytes", h.argument)
		}
	case 25:
		return appendFloat(dst, half(h.argument).float(), 32), nil
	case 26:
		return appendFloat(dst, float64(math.Float32frombits(uint32(h.argument))), 32), nil
	case cborEight:
		return appendFloat(dst, math.Float64frombits(h.argument), 64), nil
	}
	return fmt.Appendf(dst, `"simple(%d)"`, h.argument), nil
}
