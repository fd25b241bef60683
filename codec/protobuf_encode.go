package codec

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrNoSchema is returned when protobuf is to be encoded without a schema.
var ErrNoSchema = errors.New("protobuf cannot be encoded without a schema")

// newProtobufEncoder encodes JSON objects as messages of the schema.
func newProtobufEncoder(o Options) Encoder {
	return func(text []byte) (Message, error) {
		if o.Schema == nil {
			return Message{}, ErrNoSchema
		}
		value, err := parse(text)
		if err != nil {
			return Message{}, err
		}
		data, err := o.Schema.root.append(nil, value)
		return Message{Data: data}, err
	}
}

// append appends a message.
func (m *message) append(dst []byte, value any) ([]byte, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s must be an object", m.name)
	}
	names := slices.Sorted(maps.Keys(object))
	for _, name := range names {
		if m.byName[name] == nil {
			return nil, fmt.Errorf("%s has no field %s", m.name, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(m.byName[a].number, m.byName[b].number) })
	for _, name := range names {
		var err error
		if dst, err = m.byName[name].append(dst, object[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return dst, nil
}

// append appends a field; null means that the field is absent.
func (m *member) append(dst []byte, value any) ([]byte, error) {
	switch {
	case value == nil:
		return dst, nil
	case m.isMap:
		return m.appendMap(dst, value)
	case !m.repeated:
		return m.appendOne(dst, value)
	}
	list, ok := value.([]any)
	if !ok {
		return nil, errors.New("expected an array")
	}
	if m.packed && m.isNumber() && len(list) > 0 {
		return m.appendPacked(dst, list)
	}
	var err error
	for _, element := range list {
		if dst, err = m.appendOne(dst, element); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendPacked appends a field with several numbers.
func (m *member) appendPacked(dst []byte, list []any) ([]byte, error) {
	var numbers []byte
	var err error
	for _, element := range list {
		if numbers, err = m.appendNumber(numbers, element); err != nil {
			return nil, err
		}
	}
	return protowire.AppendBytes(appendTag(dst, m.number, protowire.BytesType), numbers), nil
}

func (m *member) appendMap(dst []byte, value any) ([]byte, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("expected an object")
	}
	key, valueField := m.message.byNumber[1], m.message.byNumber[2]
	for _, name := range slices.Sorted(maps.Keys(object)) {
		var k any = name
		if key.kind != "string" {
			k = json.Number(name)
		}
		if key.kind == "bool" {
			k = name == "true"
		}
		entry, err := key.appendOne(nil, k)
		if err != nil {
			return nil, err
		}
		if entry, err = valueField.append(entry, object[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		dst = protowire.AppendBytes(appendTag(dst, m.number, protowire.BytesType), entry)
	}
	return dst, nil
}

// appendOne appends a field with one value.
func (m *member) appendOne(dst []byte, value any) ([]byte, error) {
	dst = appendTag(dst, m.number, m.wireType())
	switch m.kind {
	case "message":
		inner, err := m.message.append(nil, value)
		return protowire.AppendBytes(dst, inner), err
	case "group":
		dst, err := m.message.append(dst, value)
		return appendTag(dst, m.number, protowire.EndGroupType), err
	case "string":
		text, ok := value.(string)
		if !ok {
			return nil, errors.New("expected a string")
		}
		return protowire.AppendString(dst, text), nil
	case "bytes":
		data, err := bytesField(value)
		return protowire.AppendBytes(dst, data), err
	}
	return m.appendNumber(dst, value)
}

// isNumber reports whether a value has a fixed size or is a varint.
func (m *member) isNumber() bool {
	wire := m.wireType()
	return wire != protowire.BytesType && wire != protowire.StartGroupType
}

// appendNumber appends a number without a tag.
func (m *member) appendNumber(dst []byte, value any) ([]byte, error) {
	bits, err := m.bits(value)
	if err != nil {
		return nil, err
	}
	switch m.wireType() {
	case protowire.Fixed32Type:
		return protowire.AppendFixed32(dst, uint32(bits)), nil
	case protowire.Fixed64Type:
		return protowire.AppendFixed64(dst, bits), nil
	}
	return protowire.AppendVarint(dst, bits), nil
}

// bytesField accepts base64, as a string or in the object that stands for bytes.
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
	return nil, errors.New("expected base64")
}

// bits returns the bits of a scalar on the wire.
func (m *member) bits(value any) (uint64, error) {
	switch v := value.(type) {
	case bool:
		if m.kind != "bool" {
			return 0, fmt.Errorf("expected a value of the type %s", m.kind)
		}
		if v {
			return 1, nil
		}
		return 0, nil
	case json.Number:
		return m.numberBits(v.String())
	case string:
		if m.kind != "enum" {
			return m.numberBits(v) // the JSON mapping of protobuf writes 64-bit numbers as strings
		}
		if number, ok := m.enum.numbers[v]; ok {
			return uint64(int64(number)), nil
		}
		return 0, fmt.Errorf("there is no value %q", v)
	}
	return 0, fmt.Errorf("expected a value of the type %s", m.kind)
}

func (m *member) numberBits(text string) (uint64, error) {
	var bits uint64
	var err error
	switch m.kind {
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
		v, err = strconv.ParseInt(text, 10, map[string]int{"sint32": 32, "sint64": 64}[m.kind])
		bits = protowire.EncodeZigZag(v)
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
		return 0, fmt.Errorf("%s is not a value of the type %s", text, m.kind)
	}
	return bits, nil
}

func appendTag(dst []byte, number int32, kind protowire.Type) []byte {
	return protowire.AppendTag(dst, protowire.Number(number), kind)
}
