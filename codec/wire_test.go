package codec

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// TestWhatIsAField has what is at the edges of the format.
func TestWhatIsAField(t *testing.T) {
	groups := func(n int) string { return strings.Repeat("0b", n) + strings.Repeat("0c", n) }
	for payload, want := range map[string]error{
		"08 00": nil, "08 96 01": nil, "88 80 00 01": nil, "": errCut, "80": errCut, "08": errCut, "08 80": errCut,
		"08 ffffffffffffffffff 01": nil, "08 ffffffffffffffffff 02": errVarint, "08 ffffffffffffffffff ff": errVarint,
		"08 ffffffffffffffffffff 01": errVarint, "08 ffffffffffffffffff": errCut, "ffffffffffffffffff 02 00": errVarint,
		"00 00": errNumber, "07": errNumber, "f8ffffff 0f 00": nil, "f8ffffff 3f 00": nil, "80808080 40 00": errNumber,
		"0d 01020304": nil, "0d 010203": errCut, "09 0102030405060708": nil, "09 01020304050607": errCut,
		"0a 00": nil, "0a 02 6162 63": nil, "0a": errCut, "0a 03 6162": errCut, "0a ffffffffffffffffff 01": errCut,
		"0e": errWireType, "0f 00": errWireType, "0b 0e": errWireType,
		"0b 0c": nil, "0b 10 01 8c 80 00 08": nil, "0b": errCut, "0b 10 01": errCut, "0c": errEndGroup, "0b 14": errEndGroup,
		"0b 13 0c 14": errEndGroup, "0b 00": errNumber, "0b 0c 0c": nil,
		groups(deepestGroup + 1): nil, groups(deepestGroup + 2): errGroupTooDeep, strings.Repeat("0b", deepestGroup+2): errGroupTooDeep,
	} {
		if _, _, err := nextField(fromHex(t, payload)); err != want {
			t.Errorf("%.40s: %v, want %v", payload, err, want)
		}
		takesAsTheLibrary(t, fromHex(t, payload))
	}
}

// FuzzField holds that we take the fields that a library takes, and refuse the others for the same reason.
func FuzzField(f *testing.F) {
	for _, seed := range []string{
		"08 96 01", "12 07 74657374696e67", "1a 03 08 96 01", "0d 01000000", "11 0200000000000000", "0b 10 01 13 1a 01 ff 14 8c 80 00 08",
		"08 ffffffffffffffffff 01", "08 ffffffffffffffffff 02", "f8ffffff 3f 00", "80808080 40 00", "00", "0e", "0c", "0b 14", "0a 05 61", "",
	} {
		f.Add(fromHex(f, seed))
	}
	f.Fuzz(takesAsTheLibrary)
}

// takesAsTheLibrary compares the field at the beginning of data, and what is wrong with it.
func takesAsTheLibrary(t *testing.T, data []byte) {
	ours, rest, err := nextField(data)
	number, wire, size := protowire.ConsumeField(data)
	reasons := []error{nil, errCut, errNumber, errVarint, errWireType, errEndGroup, errGroupTooDeep} // sizes from 0 down
	if theirs := reasons[-min(size, 0)]; err != theirs {
		t.Fatalf("%.99x: %v, the library: %v", data, err, theirs)
	}
	if err != nil {
		return
	}
	value, unsigned := valueByTheLibrary(number, wire, data)
	if ours.number != int32(number) || ours.wireType != wireType(wire) || !bytes.Equal(ours.value, value) || !bytes.Equal(rest, data[size:]) {
		t.Fatalf("%.99x: %v and %x, the library: %d %d %x and %x", data, ours, rest, number, wire, value, data[size:])
	}
	switch wire {
	case protowire.VarintType, protowire.Fixed32Type, protowire.Fixed64Type:
		if got := ours.unsigned(); got != unsigned {
			t.Fatalf("%x: %d, the library: %d", data, got, unsigned)
		}
	}
}

// valueByTheLibrary is the value of a field that is whole, as it is on the wire, and the number that it may be.
func valueByTheLibrary(number protowire.Number, wire protowire.Type, data []byte) (value []byte, unsigned uint64) {
	_, _, n := protowire.ConsumeTag(data)
	data = data[n:]
	switch wire {
	case protowire.BytesType:
		value, _ = protowire.ConsumeBytes(data)
		return value, 0
	case protowire.StartGroupType:
		value, _ = protowire.ConsumeGroup(number, data)
		return value, 0
	case protowire.Fixed32Type:
		v, n := protowire.ConsumeFixed32(data)
		return data[:n], uint64(v)
	case protowire.Fixed64Type:
		v, n := protowire.ConsumeFixed64(data)
		return data[:n], v
	}
	v, n := protowire.ConsumeVarint(data)
	return data[:n], v
}

// FuzzPackField holds that we pack as a library does, byte for byte.
func FuzzPackField(f *testing.F) {
	for _, v := range []uint64{0, 1, 127, 128, 1<<32 - 1, 1 << 63, 1<<64 - 1} {
		f.Add(int32(v), v, "ü")
	}
	f.Add(int32(1<<29-1), uint64(300), strings.Repeat("x", 128))
	f.Fuzz(func(t *testing.T, number int32, v uint64, text string) {
		n := protowire.Number(number)
		for _, c := range []struct {
			what         string
			ours, theirs []byte
		}{
			{"varint", binary.AppendUvarint(nil, v), protowire.AppendVarint(nil, v)},
			{"zigzag", binary.AppendUvarint(nil, encodeZigZag(int64(v))), protowire.AppendVarint(nil, protowire.EncodeZigZag(int64(v)))},
			{"tag", appendTag(nil, number, wireType(v&7)), protowire.AppendTag(nil, n, protowire.Type(v&7))},
			{"text", appendLen(nil, text), protowire.AppendString(nil, text)},
			{"bytes", appendLen(nil, []byte(text)), protowire.AppendBytes(nil, []byte(text))},
			{"zigzag, back", fmt.Append(nil, decodeZigZag(v)), fmt.Append(nil, protowire.DecodeZigZag(v))},
		} {
			if !bytes.Equal(c.ours, c.theirs) {
				t.Errorf("%s of %d, %d, %q: %x, the library: %x", c.what, number, v, text, c.ours, c.theirs)
			}
		}
	})
}
