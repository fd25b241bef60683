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

// encodeCBOR packs in the one way that is deterministic (RFC 8949, section 4.2.1): the same JSON gives the same bytes.
func encodeCBOR(text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	return packCBOR(nil, value)
}

func packCBOR(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return append(packCBORHead(dst, cborBytes, uint64(len(data))), data...), nil
		}
		return packCBORMap(dst, v)
	case []any:
		dst = packCBORHead(dst, cborArray, uint64(len(v)))
		for _, element := range v {
			var err error
			if dst, err = packCBOR(dst, element); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case json.Number:
		return packCBORNumber(dst, v)
	case string:
		return packCBORText(dst, v), nil
	case bool:
		if v {
			return append(dst, cborSimple<<5|21), nil
		}
		return append(dst, cborSimple<<5|20), nil
	}
	return append(dst, cborSimple<<5|22), nil
}

// packCBORHead appends the shortest head.
func packCBORHead(dst []byte, major byte, argument uint64) []byte {
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

func packCBORText(dst []byte, text string) []byte {
	return append(packCBORHead(dst, cborText, uint64(len(text))), text...)
}

// packCBORMap sorts the members by the bytes of their names, heads included.
func packCBORMap(dst []byte, object map[string]any) ([]byte, error) {
	type member struct {
		name  []byte
		value any
	}
	var members []member
	for name, value := range object {
		members = append(members, member{packCBORText(nil, name), value})
	}
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(a.name, b.name) })
	dst = packCBORHead(dst, cborMap, uint64(len(members)))
	for _, m := range members {
		var err error
		if dst, err = packCBOR(append(dst, m.name...), m.value); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func packCBORNumber(dst []byte, n json.Number) ([]byte, error) {
	if whole, ok := new(big.Int).SetString(n.String(), 10); ok {
		return packCBORWhole(dst, whole), nil
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

// packCBORWhole appends a whole number of any size (RFC 8949, section 3.4.3).
func packCBORWhole(dst []byte, whole *big.Int) []byte {
	major, tag := byte(cborUnsigned), byte(tagBig)
	if whole.Sign() < 0 {
		major, tag = cborNegative, tagNegativeBig
		whole.Not(whole)
	}
	if whole.IsUint64() {
		return packCBORHead(dst, major, whole.Uint64())
	}
	content := whole.Bytes()
	return append(packCBORHead(append(dst, cborTag<<5|tag), cborBytes, uint64(len(content))), content...)
}
