package codec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

func encodeMsgpack(text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	return appendMsgpack(nil, value)
}

// appendMsgpack appends a value. The members of an object are sorted so that the same JSON gives the same bytes.
func appendMsgpack(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return msgp.AppendBytes(dst, data), nil
		}
		return appendMsgpackMap(dst, v)
	case []any:
		dst = msgp.AppendArrayHeader(dst, uint32(len(v)))
		for _, element := range v {
			var err error
			if dst, err = appendMsgpack(dst, element); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case json.Number:
		return appendMsgpackNumber(dst, v)
	case string:
		return msgp.AppendString(dst, v), nil
	case bool:
		return msgp.AppendBool(dst, v), nil
	}
	return msgp.AppendNil(dst), nil
}

func appendMsgpackMap(dst []byte, object map[string]any) ([]byte, error) {
	dst = msgp.AppendMapHeader(dst, uint32(len(object)))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		dst = msgp.AppendString(dst, name)
		var err error
		if dst, err = appendMsgpack(dst, object[name]); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendMsgpackNumber(dst []byte, n json.Number) ([]byte, error) {
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
