package coding

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// selfDescribed is the tag that says that CBOR follows (RFC 8949, section 3.4.6).
const selfDescribed = 55799

// cborReader bounds what is read. A count that a header announces allocates nothing by itself.
func cborReader() (cbor.DecMode, error) {
	return cbor.DecOptions{
		MaxNestedLevels:  deepest,
		MaxArrayElements: 1 << 24,
		MaxMapPairs:      1 << 24,
		UTF8:             cbor.UTF8RejectInvalid,
	}.DecMode()
}

func decodeCBOR(payload []byte) ([]byte, error) {
	reader, err := cborReader()
	if err != nil {
		return nil, err
	}
	var value any
	if err := reader.Unmarshal(payload, &value); err != nil {
		return nil, err
	}
	return appendCBOR(nil, value), nil
}

// appendCBOR appends the JSON of a value as the library reads it.
func appendCBOR(dst []byte, value any) []byte {
	switch v := value.(type) {
	case map[any]any:
		return appendCBORMap(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, element := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCBOR(dst, element)
		}
		return append(dst, ']')
	case cbor.Tag:
		return appendCBORTag(dst, v)
	default:
		return appendCBORScalar(dst, value)
	}
}

func appendCBORScalar(dst []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case float64:
		return appendFloat(dst, v, 64)
	case big.Int:
		return v.Append(dst, 10)
	case string:
		return appendString(dst, v)
	case []byte:
		return appendBytes(dst, v)
	case cbor.ByteString:
		return appendBytes(dst, []byte(v))
	case time.Time:
		return appendString(dst, v.UTC().Format(time.RFC3339Nano))
	}
	return appendString(dst, fmt.Sprint(value)) // a simple value that has no name
}

// appendCBORMap appends a map sorted by its keys, as its order is not known.
func appendCBORMap(dst []byte, m map[any]any) []byte {
	type member struct{ key, value []byte }
	members := make([]member, 0, len(m))
	for k, v := range m {
		members = append(members, member{appendKey(nil, appendCBOR(nil, k)), appendCBOR(nil, v)})
	}
	slices.SortFunc(members, func(a, b member) int { return slices.Compare(a.key, b.key) })
	dst = append(dst, '{')
	for i, each := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, each.key...), each.value...)
	}
	return append(dst, '}')
}

func appendCBORTag(dst []byte, t cbor.Tag) []byte {
	if t.Number == selfDescribed {
		return appendCBOR(dst, t.Content)
	}
	dst = strconv.AppendUint(append(dst, `{"tag":`...), t.Number, 10)
	return append(appendCBOR(append(dst, `,"value":`...), t.Content), '}')
}

func encodeCBOR(text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	if value, err = packable(value); err != nil {
		return nil, err
	}
	writer, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	return writer.Marshal(value)
}

// packable replaces numbers and bytes by what the library packs as such.
func packable(value any) (any, error) {
	var err error
	switch v := value.(type) {
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return data, nil
		}
		for name, member := range v {
			if v[name], err = packable(member); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, element := range v {
			if v[i], err = packable(element); err != nil {
				return nil, err
			}
		}
	case json.Number:
		return packableNumber(v)
	}
	return value, nil
}

func packableNumber(n json.Number) (any, error) {
	if whole, ok := new(big.Int).SetString(n.String(), 10); ok {
		return *whole, nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %s does not fit into 64 bits", n)
	}
	return f, nil
}
