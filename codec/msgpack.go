package codec

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tinylib/msgp/msgp"
)

func decodeMsgpack(payload []byte) ([]byte, error) {
	text, rest, err := appendMsgpack(nil, payload, 0)
	switch {
	case errors.Is(err, msgp.ErrShortBytes):
		return nil, errCut
	case err == nil && len(rest) > 0:
		return nil, errMore
	}
	return text, err
}

// appendMsgpack appends the JSON of the value at the beginning of data, and returns what follows it.
func appendMsgpack(dst, data []byte, depth int) (text, rest []byte, err error) {
	if depth > deepest {
		return nil, nil, errTooDeep
	}
	switch t := msgp.NextType(data); t {
	case msgp.MapType:
		return appendMsgpackMap(dst, data, depth)
	case msgp.ArrayType:
		return appendMsgpackArray(dst, data, depth)
	case msgp.StrType:
		s, rest, err := msgp.ReadStringBytes(data)
		return appendString(dst, s), rest, err
	case msgp.BinType:
		b, rest, err := msgp.ReadBytesBytes(data, nil)
		return appendBytes(dst, b), rest, err
	case msgp.ExtensionType, msgp.TimeType, msgp.Complex64Type, msgp.Complex128Type:
		return appendMsgpackExtension(dst, data)
	case msgp.InvalidType:
		return nil, nil, invalidMsgpack(data)
	default:
		return appendMsgpackScalar(dst, data, t)
	}
}

func invalidMsgpack(data []byte) error {
	if len(data) == 0 {
		return errCut
	}
	return fmt.Errorf("the byte %#02x begins no value", data[0])
}

func appendMsgpackScalar(dst, data []byte, t msgp.Type) (text, rest []byte, err error) {
	switch t {
	case msgp.NilType:
		rest, err := msgp.ReadNilBytes(data)
		return append(dst, "null"...), rest, err
	case msgp.BoolType:
		b, rest, err := msgp.ReadBoolBytes(data)
		return strconv.AppendBool(dst, b), rest, err
	case msgp.IntType:
		i, rest, err := msgp.ReadInt64Bytes(data)
		return strconv.AppendInt(dst, i, 10), rest, err
	case msgp.UintType:
		u, rest, err := msgp.ReadUint64Bytes(data)
		return strconv.AppendUint(dst, u, 10), rest, err
	case msgp.Float32Type:
		f, rest, err := msgp.ReadFloat32Bytes(data)
		return appendFloat(dst, float64(f), 32), rest, err
	case msgp.Float64Type:
		f, rest, err := msgp.ReadFloat64Bytes(data)
		return appendFloat(dst, f, 64), rest, err
	}
	return nil, nil, fmt.Errorf("a value of the type %v", t)
}

func appendMsgpackMap(dst, data []byte, depth int) (text, rest []byte, err error) {
	n, data, err := msgp.ReadMapHeaderBytes(data)
	if err != nil {
		return nil, nil, err
	}
	dst = append(dst, '{')
	var key []byte
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if key, data, err = appendMsgpack(key[:0], data, depth+1); err != nil {
			return nil, nil, err
		}
		dst = appendKey(dst, key)
		if dst, data, err = appendMsgpack(dst, data, depth+1); err != nil {
			return nil, nil, err
		}
	}
	return append(dst, '}'), data, nil
}

func appendMsgpackArray(dst, data []byte, depth int) (text, rest []byte, err error) {
	n, data, err := msgp.ReadArrayHeaderBytes(data)
	if err != nil {
		return nil, nil, err
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, data, err = appendMsgpack(dst, data, depth+1); err != nil {
			return nil, nil, err
		}
	}
	return append(dst, ']'), data, nil
}

// appendMsgpackExtension appends a time as RFC 3339 writes it, and any other extension as its type and bytes.
func appendMsgpackExtension(dst, data []byte) (text, rest []byte, err error) {
	if t, rest, err := msgp.ReadTimeUTCBytes(data); err == nil {
		return appendString(dst, t.Format(time.RFC3339Nano)), rest, nil
	}
	var e msgp.RawExtension
	kind, err := extensionType(data)
	if err != nil {
		return nil, nil, err
	}
	e.Type = kind
	rest, err = msgp.ReadExtensionBytes(data, &e)
	if err != nil {
		return nil, nil, err
	}
	dst = append(dst, `{"extension":`...)
	dst = strconv.AppendInt(dst, int64(e.Type), 10)
	dst = append(dst, `,"data":`...)
	return append(appendBytes(dst, e.Data), '}'), rest, nil
}

// extensionType returns the type of the extension at the beginning of data.
func extensionType(data []byte) (int8, error) {
	at := 1 // fixext
	switch data[0] {
	case 0xc7:
		at = 2
	case 0xc8:
		at = 3
	case 0xc9:
		at = 5
	}
	if len(data) <= at {
		return 0, errCut
	}
	return int8(data[at]), nil
}

func encodeMsgpack(text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	return packMsgpack(nil, value)
}

// packMsgpack appends a value. The members of an object are sorted, so that the same JSON gives the same bytes.
func packMsgpack(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return msgp.AppendBytes(dst, data), nil
		}
		return packMsgpackMap(dst, v)
	case []any:
		dst = msgp.AppendArrayHeader(dst, uint32(len(v)))
		for _, element := range v {
			var err error
			if dst, err = packMsgpack(dst, element); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case json.Number:
		return packMsgpackNumber(dst, v)
	case string:
		return msgp.AppendString(dst, v), nil
	case bool:
		return msgp.AppendBool(dst, v), nil
	}
	return msgp.AppendNil(dst), nil
}

func packMsgpackMap(dst []byte, object map[string]any) ([]byte, error) {
	dst = msgp.AppendMapHeader(dst, uint32(len(object)))
	for _, name := range sorted(object) {
		dst = msgp.AppendString(dst, name)
		var err error
		if dst, err = packMsgpack(dst, object[name]); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func sorted(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func packMsgpackNumber(dst []byte, n json.Number) ([]byte, error) {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return msgp.AppendInt64(dst, i), nil
	}
	if u, err := strconv.ParseUint(n.String(), 10, 64); err == nil {
		return msgp.AppendUint64(dst, u), nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %s does not fit into 64 bits", n)
	}
	return msgp.AppendFloat64(dst, f), nil
}
