// Package codec decodes what payloads stand for: JSON packed as msgpack, CBOR or protobuf, or compressed.
package codec

import (
	"cmp"
	"errors"
	"fmt"
)

// Coding is a way to pack JSON that has a name.
type Coding struct {
	Name   string
	Help   string
	IsText bool                                          // it is text that is packed so
	Decode func(payload []byte) (json []byte, err error) // gzip may yield any bytes
	Encode func(json []byte) (payload []byte, err error) // nil = cannot
}

// Options say how payloads are packed and unpacked.
type Options struct {
	Schema *Schema // of protobuf messages; nil = none, and fields are shown by number
	Most   int64   // bytes that inflating yields; 0 = 64 MiB
}

// The bounds of what is decoded.
const (
	deepest = 100      // levels of arrays, maps and messages
	largest = 64 << 20 // the default of Options.Most
)

var (
	errTooDeep = fmt.Errorf("nested more than %d levels deep", deepest)
	errMore    = errors.New("more bytes follow the value")
	errCut     = errors.New("it ends too early")
)

// Codings returns the codings, for flags, completion and help. One goroutine at a time decodes.
func Codings(o Options) []Coding {
	compressed := &inflater{most: cmp.Or(o.Most, largest)}
	return []Coding{
		{"json", "as it is", true, decodeJSON, encodeJSON},
		{"msgpack", "MessagePack", false, decodeMsgpack, encodeMsgpack},
		{"cbor", "CBOR (RFC 8949)", false, decodeCBOR, encodeCBOR},
		{"protobuf", "Protocol Buffers, with --proto and --message or by field number", false, o.Schema.decode, o.Schema.encode},
		{"gzip", "compressed with gzip, zlib or brotli", false, compressed.inflate, deflate},
		{"mqtt", "control packets of MQTT, to look at", false, decodeMQTT, nil},
		{"stomp", "frames of STOMP, to look at", true, decodeSTOMP, nil},
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
