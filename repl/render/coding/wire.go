package coding

import (
	"encoding/binary"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// A protobuf message is a row of fields: a number, and a value of one of four shapes.

// field is a field as it is on the wire.
type field struct {
	number protowire.Number
	shape  protowire.Type
	value  []byte // of a varint or fixed value, its bytes; of the others, what is inside
}

// nextField takes the field at the beginning of data.
func nextField(data []byte) (f field, rest []byte, err error) {
	number, shape, n := protowire.ConsumeTag(data)
	if n < 0 {
		return field{}, nil, protowire.ParseError(n)
	}
	data = data[n:]
	size := protowire.ConsumeFieldValue(number, shape, data)
	if size < 0 {
		return field{}, nil, protowire.ParseError(size)
	}
	f = field{number, shape, data[:size]}
	switch shape {
	case protowire.BytesType:
		f.value, _ = protowire.ConsumeBytes(f.value)
	case protowire.StartGroupType:
		f.value, _ = protowire.ConsumeGroup(number, f.value)
	}
	return f, data[size:], nil
}

// unsigned returns the value of a varint or fixed field.
func (f field) unsigned() uint64 {
	switch f.shape {
	case protowire.Fixed32Type:
		return uint64(binary.LittleEndian.Uint32(f.value))
	case protowire.Fixed64Type:
		return binary.LittleEndian.Uint64(f.value)
	}
	v, _ := protowire.ConsumeVarint(f.value)
	return v
}

// appendUnknown appends the JSON of a message whose schema is not known: its fields by number, those that
// repeat as arrays.
func appendUnknown(dst, data []byte, depth int) ([]byte, error) {
	if depth > deepest {
		return nil, errTooDeep
	}
	o := newObject()
	for len(data) > 0 {
		f, rest, err := nextField(data)
		if err != nil {
			return nil, err
		}
		o.add(strconv.Itoa(int(f.number)), appendGuessed(nil, f, depth))
		data = rest
	}
	return o.append(dst, nil), nil
}

// appendGuessed appends a value by what it looks like: text, a message, else bytes or a number.
func appendGuessed(dst []byte, f field, depth int) []byte {
	switch f.shape {
	case protowire.BytesType:
		if isText(f.value) {
			return appendString(dst, string(f.value))
		}
		if text, err := appendUnknown(nil, f.value, depth+1); err == nil {
			return append(dst, text...)
		}
		return appendBytes(dst, f.value)
	case protowire.StartGroupType:
		if text, err := appendUnknown(nil, f.value, depth+1); err == nil {
			return append(dst, text...)
		}
		return appendBytes(dst, f.value)
	}
	return strconv.AppendUint(dst, f.unsigned(), 10)
}

// object collects members in the order in which they first came.
type object struct {
	names  []string
	values map[string][][]byte
}

func newObject() *object { return &object{values: map[string][][]byte{}} }

func (o *object) add(name string, value []byte) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = append(o.values[name], value)
}

// append appends the object. A member is an array if it came more than once or isList says so.
func (o *object) append(dst []byte, isList func(name string) bool) []byte {
	dst = append(dst, '{')
	for i, name := range o.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		values := o.values[name]
		if isList != nil && !isList(name) || isList == nil && len(values) == 1 {
			dst = append(dst, values[len(values)-1]...)
			continue
		}
		dst = append(dst, '[')
		for k, value := range values {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, value...)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
