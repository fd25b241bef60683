package codec

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	maxFields = 1 << 16 // maximum number of different fields in a message; more than real schemas have
	groupWork = 4       // finding the end of a group takes about four times as long as scanning text
)

// newProtobuf decodes messages of the schema. Without one, a field is shown by its number, and its value is guessed.
func newProtobuf(o Options) sessionDecoder {
	root := &message{}
	if o.Schema != nil {
		root = o.Schema.root
	}
	return counted(func(w *writer, payload []byte) error {
		err := root.write(w, payload, 0)
		w.end()
		return err
	})
}

// wireField is a field on the wire.
type wireField struct {
	number protowire.Number
	kind   protowire.Type
	value  []byte // bytes of a varint or fixed value; content of a group or of a value with a length
}

// nextField reads the field at the beginning of data.
func nextField(data []byte) (f wireField, rest []byte, err error) {
	number, kind, n := protowire.ConsumeTag(data)
	if n < 0 {
		return f, nil, wireError(n)
	}
	value, rest, err := nextValue(number, kind, data[n:])
	return wireField{number, kind, value}, rest, err
}

// nextValue reads the value at the beginning of data.
func nextValue(number protowire.Number, kind protowire.Type, data []byte) (value, rest []byte, err error) {
	n := 0
	switch kind {
	case protowire.BytesType:
		value, n = protowire.ConsumeBytes(data)
	case protowire.StartGroupType:
		value, n = protowire.ConsumeGroup(number, data)
	default:
		n = protowire.ConsumeFieldValue(number, kind, data)
		value = data[:max(n, 0)]
	}
	if n < 0 {
		return nil, nil, wireError(n)
	}
	return value, data[n:], nil
}

// wireError returns the error of protowire, without the name of its package.
func wireError(n int) error {
	err := protowire.ParseError(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return errors.New(strings.TrimSpace(strings.TrimPrefix(err.Error(), "proto:")))
}

// unsigned returns the value of a varint or fixed field.
func (f wireField) unsigned() uint64 {
	switch f.kind {
	case protowire.Fixed32Type:
		v, _ := protowire.ConsumeFixed32(f.value)
		return uint64(v)
	case protowire.Fixed64Type:
		v, _ := protowire.ConsumeFixed64(f.value)
		return v
	}
	v, _ := protowire.ConsumeVarint(f.value)
	return v
}

// fieldKey identifies a field of a message. Occurrences whose wire type does not match the schema are a field of their own.
type fieldKey struct {
	number protowire.Number
	fits   bool
}

// occurrences are the occurrences of a field in a message.
type occurrences struct {
	member      *member // nil = not in the schema
	name        string
	first, last int // indexes in the list of places
	count       int
}

// place has the offsets of the beginning of an occurrence of a field and of the end of its value, and the index of the next occurrence
// in the list of places; 0 = it is the last.
type place struct{ begin, end, next uint32 }

// field reads the field at a place. It does not search for the end of the value again, which takes long for a group.
func (p place) field(data []byte) (wireField, error) {
	number, kind, n := protowire.ConsumeTag(data[p.begin:])
	value := data[int(p.begin)+n : p.end]
	if kind == protowire.BytesType {
		var err error
		if value, _, err = nextValue(number, kind, value); err != nil {
			return wireField{}, err
		}
	}
	return wireField{number, kind, value}, nil
}

// write writes a message. A field that occurs several times is written as an array or, if it is not repeated in the schema, with its
// last value.
func (m *message) write(w *writer, data []byte, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if err := w.value(); err != nil {
		return err
	}
	fields, places, err := m.find(w, data)
	if err != nil {
		return err
	}
	w.byte('{')
	for i, f := range fields {
		if i > 0 {
			w.byte(',')
		}
		w.member(f.name)
		if err := f.write(w, data, places, depth); err != nil {
			return err
		}
	}
	w.byte('}')
	return nil
}

// find finds the fields of a message, in the order of their first occurrence.
func (m *message) find(w *writer, data []byte) (fields []occurrences, places []place, err error) {
	if uint64(len(data)) > math.MaxUint32 {
		return nil, nil, fmt.Errorf("a message of %d bytes", len(data))
	}
	indexes := map[fieldKey]int{}
	count := 0
	for at := 0; at < len(data); {
		f, rest, err := nextField(data[at:])
		if err != nil {
			return nil, nil, err
		}
		next := len(data) - len(rest)
		end := next
		if f.kind == protowire.StartGroupType {
			if err := w.spend(groupWork * (next - at)); err != nil {
				return nil, nil, err
			}
			_, _, tag := protowire.ConsumeTag(data[at:])
			end = at + tag + len(f.value)
		}
		if count++; count%valuesPerPoll == 0 && w.ctx.Err() != nil {
			return nil, nil, w.ctx.Err()
		}
		if w.values+count <= w.maxValues {
			places = append(places, place{begin: uint32(at), end: uint32(end)})
		}
		key := fieldKey{f.number, false}
		if member := m.byNumber[int32(f.number)]; member != nil {
			key.fits = member.fits(f.kind)
		}
		index, known := indexes[key]
		if !known {
			if len(fields) == maxFields {
				return nil, nil, fmt.Errorf("more than %d different fields", maxFields)
			}
			index = len(fields)
			indexes[key] = index
			fields = append(fields, occurrences{name: strconv.Itoa(int(f.number)), first: len(places) - 1})
			if key.fits {
				fields[index].member = m.byNumber[int32(f.number)]
				fields[index].name = fields[index].member.name
			}
		} else if len(places) > 0 {
			places[fields[index].last].next = uint32(len(places) - 1)
		}
		fields[index].last = len(places) - 1
		fields[index].count++
		at = next
	}
	if w.values+count > w.maxValues {
		return nil, nil, &ComplexityError{Values: w.values + count}
	}
	return fields, places, nil
}

// write writes a field.
func (o occurrences) write(w *writer, data []byte, places []place, depth int) error {
	if o.member != nil && !o.member.repeated || o.member == nil && o.count == 1 {
		f, err := places[o.last].field(data)
		if err != nil {
			return err
		}
		return o.writeOne(w, f, depth)
	}
	open, end := byte('['), byte(']')
	if o.member != nil && o.member.isMap {
		open, end = '{', '}'
	}
	w.byte(open)
	isFirst := true
	for i := o.first; ; i = int(places[i].next) {
		f, err := places[i].field(data)
		if err != nil {
			return err
		}
		if err := o.writeElements(w, f, &isFirst, depth); err != nil {
			return err
		}
		if i == o.last {
			break
		}
	}
	w.byte(end)
	return nil
}

// writeElements writes the elements that one occurrence has: several if it is packed.
func (o occurrences) writeElements(w *writer, f wireField, isFirst *bool, depth int) error {
	comma := func() {
		if !*isFirst {
			w.byte(',')
		}
		*isFirst = false
	}
	switch {
	case o.member == nil || o.member.wireType() == f.kind && !o.member.isMap:
		comma()
		return o.writeOne(w, f, depth)
	case o.member.isMap:
		comma()
		return o.member.writeEntry(w, f, depth)
	}
	for data := f.value; len(data) > 0; {
		value, rest, err := nextValue(f.number, o.member.wireType(), data)
		if err != nil {
			return err
		}
		comma()
		if err := o.member.write(w, wireField{f.number, o.member.wireType(), value}, depth); err != nil {
			return err
		}
		data = rest
	}
	return nil
}

func (o occurrences) writeOne(w *writer, f wireField, depth int) error {
	if o.member == nil {
		return writeUnknown(w, f, depth)
	}
	return o.member.write(w, f, depth)
}

// writeUnknown writes a value without a schema: as text or a message if it can be one, else as bytes or a number.
func writeUnknown(w *writer, f wireField, depth int) error {
	switch f.kind {
	case protowire.BytesType, protowire.StartGroupType:
	default:
		w.uint(f.unsigned())
		return w.value()
	}
	if err := w.spend(len(f.value)); err != nil {
		return err
	}
	if f.kind == protowire.BytesType && isText(f.value) {
		w.quote(f.value)
		return w.value()
	}
	before := w.mark()
	err := (&message{}).write(w, f.value, depth+1)
	if err == nil || isFinal(err) {
		return err
	}
	w.rewind(before)
	w.bytes(f.value)
	return w.value()
}

// writeEntry writes an entry of a map as a member of an object. A missing key or value is the default.
func (m *member) writeEntry(w *writer, entry wireField, depth int) error {
	var keyAndValue [2]wireField
	for data := entry.value; len(data) > 0; {
		f, rest, err := nextField(data)
		if err != nil {
			return err
		}
		data = rest
		if part := m.message.byNumber[int32(f.number)]; part != nil && part.fits(f.kind) {
			keyAndValue[f.number-1] = f
		}
	}
	if err := m.writeKey(w, keyAndValue[0], depth); err != nil {
		return err
	}
	w.byte(':')
	if keyAndValue[1].number == 0 {
		w.raw("null")
		return w.value()
	}
	return m.message.byNumber[2].write(w, keyAndValue[1], depth+1)
}

// writeKey writes the key of an entry; a field without a number is missing.
func (m *member) writeKey(w *writer, f wireField, depth int) error {
	key := m.message.byNumber[1]
	isString := key.kind == "string"
	switch {
	case f.number == 0 && isString:
		w.quote(nil)
	case f.number == 0:
		w.quote([]byte("0"))
	case isString:
		return key.write(w, f, depth+1)
	default:
		return w.key(func() error { return key.write(w, f, depth+1) })
	}
	return w.value()
}

// wireType returns the wire type of a single value.
func (m *member) wireType() protowire.Type {
	switch m.kind {
	case "fixed32", "sfixed32", "float":
		return protowire.Fixed32Type
	case "fixed64", "sfixed64", "double":
		return protowire.Fixed64Type
	case "string", "bytes", "message":
		return protowire.BytesType
	case "group":
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// fits reports whether the schema allows a wire type: that of a value, or of several packed into one field.
func (m *member) fits(kind protowire.Type) bool {
	return kind == m.wireType() || kind == protowire.BytesType && m.repeated && m.wireType() != protowire.StartGroupType
}

// write writes a single value.
func (m *member) write(w *writer, f wireField, depth int) error {
	switch m.kind {
	case "message", "group":
		return m.message.write(w, f.value, depth+1)
	case "string":
		if utf8.Valid(f.value) {
			w.quote(f.value)
		} else {
			w.bytes(f.value)
		}
	case "bytes":
		w.bytes(f.value)
	case "enum":
		if name, ok := m.enum.names[int32(f.unsigned())]; ok {
			w.quote([]byte(name))
		} else {
			w.int(int64(int32(f.unsigned())))
		}
	default:
		m.writeNumber(w, f.unsigned())
	}
	return w.value()
}

func (m *member) writeNumber(w *writer, v uint64) {
	switch m.kind {
	case "bool":
		w.bool(v != 0)
	case "int32", "sfixed32":
		w.int(int64(int32(v)))
	case "int64", "sfixed64":
		w.int(int64(v))
	case "sint32", "sint64":
		w.int(protowire.DecodeZigZag(v))
	case "float":
		w.float(float64(math.Float32frombits(uint32(v))), 32)
	case "double":
		w.float(math.Float64frombits(v), 64)
	default:
		w.uint(v)
	}
}
