package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The wire format of Protocol Buffers, in the words of protobuf.dev/programming-guides/encoding. It stands here because
// the library opens the program's own file at each start, whether anything is decoded or not.

// wireType says how a value is on the wire, and so where it ends.
type wireType byte

const (
	wireVarint wireType = iota
	wireI64
	wireLen
	wireStartGroup
	wireEndGroup
	wireI32
)

// What is more than any program writes, where the library stops as well.
const (
	highestNumber = math.MaxInt32 // of a field; a schema ends at 1<<29 - 1, a MessageSet does not
	deepestGroup  = 10_000        // groups around a group
)

var (
	errVarint       = errors.New("a varint of more than 64 bits")
	errNumber       = errors.New("a field without a valid number")
	errWireType     = errors.New("a field of an unknown wire type")
	errEndGroup     = errors.New("the end of a group that did not begin")
	errGroupTooDeep = fmt.Errorf("a group in more than %d groups", deepestGroup)
)

// field is a field as it is on the wire.
type field struct {
	number   int32
	wireType wireType
	value    []byte // of a varint or fixed value, its bytes; of the others, what is inside
}

// nextField takes the field at the beginning of data.
func nextField(data []byte) (f field, rest []byte, err error) {
	number, wire, rest, err := takeTag(data)
	if err != nil {
		return field{}, nil, err
	}
	value, rest, err := takeValue(number, wire, rest, 0)
	return field{number, wire, value}, rest, err
}

func takeTag(data []byte) (number int32, wire wireType, rest []byte, err error) {
	tag, rest, err := takeVarint(data)
	if err != nil {
		return 0, 0, nil, err
	}
	if tag>>3 == 0 || tag>>3 > highestNumber {
		return 0, 0, nil, errNumber
	}
	return int32(tag >> 3), wireType(tag & 7), rest, nil
}

// takeValue takes what follows a tag that stands in so many groups.
func takeValue(number int32, wire wireType, data []byte, groups int) (value, rest []byte, err error) {
	switch wire {
	case wireVarint:
		_, rest, err = takeVarint(data)
		return data[:len(data)-len(rest)], rest, err
	case wireI64:
		return take(data, 8)
	case wireLen:
		size, rest, err := takeVarint(data)
		if err != nil {
			return nil, nil, err
		}
		return take(rest, size)
	case wireStartGroup:
		return takeGroup(number, data, groups)
	case wireEndGroup:
		return nil, nil, errEndGroup
	case wireI32:
		return take(data, 4)
	}
	return nil, nil, errWireType
}

// takeGroup takes fields up to the tag that ends the group, which the value is without.
func takeGroup(number int32, data []byte, groups int) (value, rest []byte, err error) {
	if groups > deepestGroup {
		return nil, nil, errGroupTooDeep
	}
	for inside := data; ; {
		n, wire, rest, err := takeTag(inside)
		switch {
		case err != nil:
			return nil, nil, err
		case wire == wireEndGroup && n != number:
			return nil, nil, errEndGroup
		case wire == wireEndGroup:
			return data[:len(data)-len(inside)], rest, nil
		}
		if _, inside, err = takeValue(n, wire, rest, groups+1); err != nil {
			return nil, nil, err
		}
	}
}

func takeVarint(data []byte) (v uint64, rest []byte, err error) {
	v, n := binary.Uvarint(data)
	switch {
	case n > 0:
		return v, data[n:], nil
	case len(data) < binary.MaxVarintLen64:
		return 0, nil, errCut
	}
	return 0, nil, errVarint
}

func take(data []byte, size uint64) (value, rest []byte, err error) {
	if size > uint64(len(data)) {
		return nil, nil, errCut
	}
	return data[:size], data[size:], nil
}

// unsigned returns the value of a varint or fixed field.
func (f field) unsigned() uint64 {
	switch f.wireType {
	case wireI32:
		return uint64(binary.LittleEndian.Uint32(f.value))
	case wireI64:
		return binary.LittleEndian.Uint64(f.value)
	}
	v, _ := binary.Uvarint(f.value)
	return v
}

func appendTag(dst []byte, number int32, wire wireType) []byte {
	return binary.AppendUvarint(dst, uint64(number)<<3|uint64(wire))
}

// appendLen appends a value with its length before it.
func appendLen[T []byte | string](dst []byte, value T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(value))), value...)
}

// encodeZigZag gives numbers near 0, below it too, a short varint: 0, -1, 1, -2 become 0, 1, 2, 3.
func encodeZigZag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func decodeZigZag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
