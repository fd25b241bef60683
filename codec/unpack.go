package codec

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// decode reads a protobuf message. Without a schema its fields are shown by number.
func (s *Schema) decode(payload []byte) ([]byte, error) {
	if s == nil {
		return appendUnknown(nil, payload, 0)
	}
	return s.root.append(nil, payload, 0)
}

// append appends the JSON of a message. Fields that the schema does not know are shown by number, those that repeat as arrays.
func (m *message) append(dst, data []byte, depth int) ([]byte, error) {
	if depth > deepest {
		return nil, errTooDeep
	}
	o := newObject()
	for len(data) > 0 {
		f, rest, err := nextField(data)
		if err != nil {
			return nil, err
		}
		data = rest
		if err := m.take(o, f, depth); err != nil {
			return nil, err
		}
	}
	return o.append(dst, func(name string) bool {
		member := m.byName[name]
		return member != nil && member.repeated && !member.isMap || member == nil && len(o.values[name]) > 1
	}), nil
}

// take adds a field to the object.
func (m *message) take(o *object, f field, depth int) error {
	member := m.byNumber[f.number]
	if member == nil || !member.fits(f.wireType) {
		o.add(strconv.Itoa(int(f.number)), appendGuessed(nil, f, depth))
		return nil
	}
	if member.isMap {
		return member.takeEntry(o, f, depth)
	}
	values := []field{f}
	if f.wireType == wireLen && member.wireType() != wireLen {
		var err error
		if values, err = member.unpack(f); err != nil {
			return err
		}
	}
	for _, value := range values {
		text, err := member.append(nil, value, depth)
		if err != nil {
			return err
		}
		o.add(member.name, text)
	}
	return nil
}

// takeEntry adds an entry to the object that a map is.
func (f *member) takeEntry(o *object, entry field, depth int) error {
	key, value := []byte(`""`), []byte("null")
	if k := f.message.byNumber[1]; k.wireType() != wireLen {
		key = []byte("0")
	}
	for data := entry.value; len(data) > 0; {
		part, rest, err := nextField(data)
		if err != nil {
			return err
		}
		data = rest
		half := f.message.byNumber[part.number]
		if half == nil || !half.fits(part.wireType) {
			continue
		}
		text, err := half.append(nil, part, depth+1)
		if err != nil {
			return err
		}
		if part.number == 1 {
			key = text
		} else {
			value = text
		}
	}
	member := append(appendKey(nil, key), value...)
	if text := o.values[f.name]; len(text) > 0 {
		last := text[0]
		text[0] = append(append(append(last[:len(last)-1], ','), member...), '}')
		return nil
	}
	o.add(f.name, append(append([]byte{'{'}, member...), '}'))
	return nil
}

// wireType returns how a single value is on the wire.
func (f *member) wireType() wireType {
	switch f.kind {
	case "fixed32", "sfixed32", "float":
		return wireI32
	case "fixed64", "sfixed64", "double":
		return wireI64
	case "string", "bytes", "message":
		return wireLen
	case "group":
		return wireStartGroup
	}
	return wireVarint
}

// fits says whether the schema allows a wire type: a value, or several packed into one field.
func (f *member) fits(wire wireType) bool {
	return wire == f.wireType() || wire == wireLen && f.repeated && f.wireType() != wireStartGroup
}

// unpack takes the values of a packed field apart.
func (f *member) unpack(packed field) ([]field, error) {
	var values []field
	for data := packed.value; len(data) > 0; {
		value, rest, err := takeValue(f.number, f.wireType(), data, 0)
		if err != nil {
			return nil, err
		}
		values = append(values, field{f.number, f.wireType(), value})
		data = rest
	}
	return values, nil
}

// append appends the JSON of a value.
func (f *member) append(dst []byte, value field, depth int) ([]byte, error) {
	switch f.kind {
	case "message", "group":
		return f.message.append(dst, value.value, depth+1)
	case "string":
		if utf8.Valid(value.value) {
			return appendString(dst, string(value.value)), nil
		}
		return appendBytes(dst, value.value), nil
	case "bytes":
		return appendBytes(dst, value.value), nil
	case "enum":
		if name, ok := f.enum.names[int32(value.unsigned())]; ok {
			return appendString(dst, name), nil
		}
		return strconv.AppendInt(dst, int64(int32(value.unsigned())), 10), nil
	}
	return f.appendNumber(dst, value.unsigned()), nil
}

func (f *member) appendNumber(dst []byte, v uint64) []byte {
	switch f.kind {
	case "bool":
		return strconv.AppendBool(dst, v != 0)
	case "int32", "sfixed32":
		return strconv.AppendInt(dst, int64(int32(v)), 10)
	case "int64", "sfixed64":
		return strconv.AppendInt(dst, int64(v), 10)
	case "sint32", "sint64":
		return strconv.AppendInt(dst, decodeZigZag(v), 10)
	case "float":
		return appendFloat(dst, float64(math.Float32frombits(uint32(v))), 32)
	case "double":
		return appendFloat(dst, math.Float64frombits(v), 64)
	}
	return strconv.AppendUint(dst, v, 10)
}
