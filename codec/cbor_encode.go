package codec

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// encodeCBOR uses the deterministic encoding (RFC 8949, section 4.2.1): the same JSON gives the same bytes.
func encodeCBOR(text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	return appendCBOR(nil, value)
}

func appendCBOR(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return append(appendCBORHead(dst, cborBytes, uint64(len(data))), data...), nil
		}
		return appendCBORMap(dst, v)
	case []any:
		dst = appendCBORHead(dst, cborArray, uint64(len(v)))
		for _, element := range v {
			var err error
			if dst, err = appendCBOR(dst, element); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case json.Number:
		return appendCBORNumber(dst, v)
	case string:
		return appendCBORText(dst, v), nil
	case bool:
		if v {
			return append(dst, cborSimple<<5|21), nil
		}
		return append(dst, cborSimple<<5|20), nil
	}
	return append(dst, cborSimple<<5|22), nil
}

// appendCBORHead appends the shortest head.
func appendCBORHead(dst []byte, major byte, argument uint64) []byte {
	major <<= 5
	switch {
	case argument < cborByte:
		return append(dst, major|byte(argument))
	case argument <= math.MaxUint8:
		return append(dst, major|cborByte, byte(argument))
	case argument <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(argument))
	case argument <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(argument))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|cborEight), argument)
}

func appendCBORText(dst []byte, text string) []byte {
	return append(appendCBORHead(dst, cborText, uint64(len(text))), text...)
}

// appendCBORMap sorts the members by the bytes of their names, heads included.
func appendCBORMap(dst []byte, object map[string]any) ([]byte, error) {
	type member struct {
		name  []byte
		value any
	}
	var members []member
	for name, value := range object {
		members = append(members, member{appendCBORText(nil, name), value})
	}
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(a.name, b.name) })
	dst = appendCBORHead(dst, cborMap, uint64(len(members)))
	for _, m := range members {
		var err error
		if dst, err = appendCBOR(append(dst, m.name...), m.value); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// maxDigits is the maximum length of a number. The time to parse a number grows with the square of its length.
const maxDigits = 10_000

func appendCBORNumber(dst []byte, n json.Number) ([]byte, error) {
	if len(n) > maxDigits {
		return nil, fmt.Errorf("a number of more than %d digits", maxDigits)
	}
	if integer, ok := new(big.Int).SetString(n.String(), 10); ok {
		return appendCBORInteger(dst, integer), nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %s does not fit into 64 bits", n)
	}
	if h, fits := halfOf(f); fits {
		return binary.BigEndian.AppendUint16(append(dst, cborSimple<<5|25), uint16(h)), nil
	}
	if single := float32(f); float64(single) == f {
		return binary.BigEndian.AppendUint32(append(dst, cborSimple<<5|26), math.Float32bits(single)), nil
	}
	return binary.BigEndian.AppendUint64(append(dst, cborSimple<<5|cborEight), math.Float64bits(f)), nil
}

// appendCBORInteger appends an integer of any size (RFC 8949, section 3.4.3).
func appendCBORInteger(dst []byte, integer *big.Int) []byte {
	major, tag := byte(cborUnsigned), byte(tagBig)
	if integer.Sign() < 0 {
		major, tag = cborNegative, tagNegativeBig
		integer.Not(integer)
	}
	if integer.IsUint64() {
		return appendCBORHead(dst, major, integer.Uint64())
	}
	content := integer.Bytes()
	return append(appendCBORHead(append(dst, cborTag<<5|tag), cborBytes, uint64(len(content))), content...)
}
