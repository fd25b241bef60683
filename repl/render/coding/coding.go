// Package coding is what payloads stand for: JSON packed as msgpack, CBOR or protobuf, or compressed.
package coding

import (
	"errors"
	"fmt"
)

// Coding is a way to pack JSON that has a name.
type Coding struct {
	Name   string
	Help   string
	Decode func(payload []byte) (json []byte, err error) // gzip may yield any bytes
	Encode func(json []byte) (payload []byte, err error) // nil = cannot
}

// The bounds of what is decoded.
const (
	deepest = 100      // levels of arrays, maps and messages
	largest = 64 << 20 // bytes that inflating yields
)

var (
	errTooDeep = fmt.Errorf("nested more than %d levels deep", deepest)
	errMore    = errors.New("more bytes follow the value")
	errCut     = errors.New("it ends too early")
)

// Codings returns the codings, for flags, completion and help. The schema is that of protobuf messages; nil =
// none, and fields are shown by number.
func Codings(schema *Schema) []Coding {
	return []Coding{
		{"json", "as it is", decodeJSON, encodeJSON},
		{"msgpack", "MessagePack", decodeMsgpack, encodeMsgpack},
		{"cbor", "CBOR (RFC 8949)", decodeCBOR, encodeCBOR},
		{"protobuf", "Protocol Buffers, with --proto and --message or by field number", schema.decode, schema.encode},
		{"gzip", "compressed with gzip, zlib or brotli", inflate, deflate},
		{"mqtt", "control packets of MQTT, to look at", decodeMQTT, nil},
		{"stomp", "frames of STOMP, to look at", decodeSTOMP, nil},
	}
}

// Find returns a coding by its name.
func Find(codings []Coding, name string) (Coding, bool) {
	for _, c := range codings {
		if c.Name == name {
			return c, true
		}
	}
	return Coding{}, false
}
