package codec

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// encode packs a JSON object as a protobuf message, which needs a schema.
func (s *Schema) encode(text []byte) ([]byte, error) {
	if s == nil {
		return nil, errors.New("protobuf needs a schema: --proto FILE --message NAME")
	}
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	return s.root.pack(nil, value)
}

// pack appends a message.
func (m *message) pack(dst []byte, value any) ([]byte, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is an object", m.name)
	}
	names := sorted(object)
	for _, name := range names {
		if m.byName[name] == nil {
			return nil, fmt.Errorf("%s has no field %s", m.name, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(m.byName[a].number, m.byName[b].number) })
	for _, name := range names {
		f := m.byName[name]
		var err error
		if dst, err = f.pack(dst, object[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return dst, nil
}

// pack appends a field; null is a field that is not there.
func (f *member) pack(dst []byte, value any) ([]byte, error) {
	switch {
	case value == nil:
		return dst, nil
	case f.isMap:
		return f.packMap(dst, value)
	case !f.repeated:
		return f.packOne(dst, value)
	}
	list, ok := value.([]any)
	if !ok {
		return nil, errors.New("an array is wanted")
	}
	if f.packed && f.isNumber() && len(list) > 0 {
		return f.packTogether(dst, list)
	}
	var err error
	for _, element := range list {
		if dst, err = f.packOne(dst, element); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// packTogether appends a field with several numbers.
func (f *member) packTogether(dst []byte, list []any) ([]byte, error) {
	var numbers []byte
	var err error
	for _, element := range list {
		if numbers, err = f.packNumber(numbers, element); err != nil {
			return nil, err
		}
	}
	return appendLen(appendTag(dst, f.number, wireLen), numbers), nil
}

func (f *member) packMap(dst []byte, value any) ([]byte, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("an object is wanted")
	}
	key, half := f.message.byNumber[1], f.message.byNumber[2]
	for _, name := range sorted(object) {
		var k any = name
		if key.kind != "string" {
			k = json.Number(name)
		}
		if key.kind == "bool" {
			k = name == "true"
		}
		entry, err := key.packOne(nil, k)
		if err != nil {
			return nil, err
		}
		if entry, err = half.pack(entry, object[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		dst = appendLen(appendTag(dst, f.number, wireLen), entry)
	}
	return dst, nil
}

// packOne appends a field with one value.
func (f *member) packOne(dst []byte, value any) ([]byte, error) {
	dst = appendTag(dst, f.number, f.wireType())
	switch f.kind {
	case "message":
		inner, err := f.message.pack(nil, value)
		return appendLen(dst, inner), err
	case "group":
		dst, err := f.message.pack(dst, value)
		return appendTag(dst, f.number, wireEndGroup), err
	case "string":
		text, ok := value.(string)
		if !ok {
			return nil, errors.New("a string is wanted")
		}
		return appendLen(dst, text), nil
	case "bytes":
		data, err := bytesField(value)
		return appendLen(dst, data), err
	}
	return f.packNumber(dst, value)
}

// isNumber says whether a value has a fixed size or is a varint.
func (f *member) isNumber() bool {
	wire := f.wireType()
	return wire != wireLen && wire != wireStartGroup
}

// packNumber appends a number without a tag.
func (f *member) packNumber(dst []byte, value any) ([]byte, error) {
	bits, err := f.bits(value)
	if err != nil {
		return nil, err
	}
	switch f.wireType() {
	case wireI32:
		return binary.LittleEndian.AppendUint32(dst, uint32(bits)), nil
	case wireI64:
		return binary.LittleEndian.AppendUint64(dst, bits), nil
	}
	return binary.AppendUvarint(dst, bits), nil
}

// bytesField takes base64, alone or as the object that stands for bytes.
func bytesField(value any) ([]byte, error) {
	if object, ok := value.(map[string]any); ok {
		if data, ok := bytesOf(object); ok {
			return data, nil
		}
	}
	if text, ok := value.(string); ok {
		if data, err := base64.StdEncoding.DecodeString(text); err == nil {
			return data, nil
		}
	}
	return nil, errors.New("base64 is wanted")
}

// bits returns what a scalar is on the wire.
func (f *member) bits(value any) (uint64, error) {
	switch v := value.(type) {
	case bool:
		if f.kind != "bool" {
			return 0, fmt.Errorf("a value of the type %s is wanted", f.kind)
		}
		if v {
			return 1, nil
		}
		return 0, nil
	case json.Number:
		return f.numberBits(v.String())
	case string:
		if f.kind != "enum" {
			return f.numberBits(v) // the JSON mapping writes 64 bits as strings
		}
		if number, ok := f.enum.numbers[v]; ok {
			return uint64(int64(number)), nil
		}
		return 0, fmt.Errorf("no value is called %q", v)
	}
	return 0, fmt.Errorf("a value of the type %s is wanted", f.kind)
}

func (f *member) numberBits(text string) (uint64, error) {
	var bits uint64
	var err error
	switch f.kind {
	case "int32", "sfixed32", "enum":
		var v int64
		v, err = strconv.ParseInt(text, 10, 32)
		bits = uint64(v)
	case "int64", "sfixed64":
		var v int64
		v, err = strconv.ParseInt(text, 10, 64)
		bits = uint64(v)
	case "sint32", "sint64":
		var v int64
		v, err = strconv.ParseInt(text, 10, map[string]int{"sint32": 32, "sint64": 64}[f.kind])
		bits = encodeZigZag(v)
	case "uint32", "fixed32":
		bits, err = strconv.ParseUint(text, 10, 32)
	case "uint64", "fixed64":
		bits, err = strconv.ParseUint(text, 10, 64)
	case "float":
		var v float64
		v, err = strconv.ParseFloat(text, 32)
		bits = uint64(math.Float32bits(float32(v)))
	case "double":
		var v float64
		v, err = strconv.ParseFloat(text, 64)
		bits = math.Float64bits(v)
	default:
		err = errors.New("not a number")
	}
	if err != nil {
		return 0, fmt.Errorf("%s is not a value of the type %s", text, f.kind)
	}
	return bits, nil
}
