package codec

import (
	"errors"
	"fmt"
	"time"

	"github.com/tinylib/msgp/msgp"
)

func decodeMsgpack(w *writer, payload []byte) error {
	rest, err := msgpackValue(w, payload, 0)
	switch {
	case errors.Is(err, msgp.ErrShortBytes):
		return errCut
	case err == nil && len(rest) > 0:
		return errMore
	}
	w.end()
	return err
}

// msgpackValue writes the value at the beginning of data, and returns the rest.
func msgpackValue(w *writer, data []byte, depth int) (rest []byte, err error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if err := w.value(); err != nil {
		return nil, err
	}
	switch t := msgp.NextType(data); t {
	case msgp.ArrayType, msgp.MapType:
		return msgpackItems(w, data, t == msgp.MapType, depth)
	case msgp.StrType:
		s, rest, err := msgp.ReadStringZC(data)
		if err == nil {
			w.quote(s)
		}
		return rest, err
	case msgp.BinType:
		b, rest, err := msgp.ReadBytesZC(data)
		if err == nil {
			w.bytes(b)
		}
		return rest, err
	case msgp.ExtensionType, msgp.TimeType, msgp.Complex64Type, msgp.Complex128Type:
		return msgpackExtension(w, data)
	case msgp.InvalidType:
		return nil, invalidMsgpack(data)
	default:
		return msgpackScalar(w, data, t)
	}
}

func invalidMsgpack(data []byte) error {
	if len(data) == 0 {
		return errCut
	}
	return fmt.Errorf("no value begins with the byte %#02x", data[0])
}

func msgpackScalar(w *writer, data []byte, t msgp.Type) (rest []byte, err error) {
	switch t {
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(data)
		w.raw("null")
	case msgp.BoolType:
		var b bool
		b, rest, err = msgp.ReadBoolBytes(data)
		w.bool(b)
	case msgp.IntType:
		var i int64
		i, rest, err = msgp.ReadInt64Bytes(data)
		w.int(i)
	case msgp.UintType:
		var u uint64
		u, rest, err = msgp.ReadUint64Bytes(data)
		w.uint(u)
	case msgp.Float32Type:
		var f float32
		f, rest, err = msgp.ReadFloat32Bytes(data)
		w.float(float64(f), 32)
	case msgp.Float64Type:
		var f float64
		f, rest, err = msgp.ReadFloat64Bytes(data)
		w.float(f, 64)
	default:
		return nil, fmt.Errorf("a value of the type %v", t)
	}
	return rest, err
}

// msgpackItems writes an array or a map.
func msgpackItems(w *writer, data []byte, isMap bool, depth int) (rest []byte, err error) {
	readCount, open, end := msgp.ReadArrayHeaderBytes, byte('['), byte(']')
	if isMap {
		readCount, open, end = msgp.ReadMapHeaderBytes, '{', '}'
	}
	n, data, err := readCount(data)
	if err != nil {
		return nil, err
	}
	w.byte(open)
	for i := range n {
		if i > 0 {
			w.byte(',')
		}
		if isMap {
			if data, err = msgpackKey(w, data, depth+1); err != nil {
				return nil, err
			}
			w.byte(':')
		}
		if data, err = msgpackValue(w, data, depth+1); err != nil {
			return nil, err
		}
	}
	w.byte(end)
	return data, nil
}

// msgpackKey writes the value that is the key of a map.
func msgpackKey(w *writer, data []byte, depth int) (rest []byte, err error) {
	if msgp.NextType(data) == msgp.StrType {
		return msgpackValue(w, data, depth)
	}
	err = w.key(func() error {
		rest, err = msgpackValue(w, data, depth)
		return err
	})
	return rest, err
}

// msgpackExtension writes a time in RFC 3339 format, and any other extension as its type and bytes.
func msgpackExtension(w *writer, data []byte) (rest []byte, err error) {
	if t, rest, err := msgp.ReadTimeUTCBytes(data); err == nil {
		w.quote([]byte(t.Format(time.RFC3339Nano)))
		return rest, nil
	}
	kind, content, rest, err := readExtension(data)
	if err != nil {
		return nil, err
	}
	w.byte('{')
	w.member("extension")
	w.int(int64(kind))
	w.byte(',')
	w.member("data")
	w.bytes(content)
	w.byte('}')
	return rest, nil
}

// readExtension reads the extension at the beginning of data: fixext 1 to 16, or ext with a length of 1, 2 or 4 bytes.
func readExtension(data []byte) (kind int8, content, rest []byte, err error) {
	size, at := 0, 1
	switch lead := data[0]; lead {
	case 0xc7, 0xc8, 0xc9:
		at += 1 << (lead - 0xc7)
		if len(data) < at {
			return 0, nil, nil, errCut
		}
		size = int(bigEndian(data[1:at]))
	default:
		size = 1 << (lead - 0xd4)
	}
	if len(data)-at-1 < size {
		return 0, nil, nil, errCut
	}
	end := at + 1 + size
	return int8(data[at]), data[at+1 : end], data[end:], nil
}
