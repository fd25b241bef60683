// Package codec converts payloads to JSON and back: MessagePack, CBOR, Protocol Buffers, MQTT, STOMP, and compression.
//
// A Decoder decodes the messages of a session. It keeps the state of a codec between messages, for each direction: the beginning of an
// MQTT packet, the context of a compressed stream. It bounds the size of its output and can be interrupted, as messages come from
// servers that may be hostile. docs/formats.md states the bounds.
//
// CBOR is decoded here and not by a library because libraries decode a map into a Go map, which loses the order of its
// members, and because the text is written without building the values first.
package codec

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Codec encodes JSON, or any bytes if it compresses.
type Codec struct {
	Name string
	Help string
	Text bool // its payloads are sent as text

	takesText  bool                          // text messages are decoded as well as binary ones
	compresses bool                          // it decodes to any bytes, which may be encoded again; false = to JSON
	implied    func(subprotocol string) bool // reports whether a subprotocol, in lower case, implies this codec; nil = none does
	decoder    func(o Options) sessionDecoder
	encoder    func(o Options) Encoder // nil = it only decodes
}

// Encodes reports whether the codec can encode.
func (c Codec) Encodes() bool { return c.encoder != nil }

// Options configure how payloads are encoded and decoded.
type Options struct {
	Schema     *Schema // of protobuf messages; nil = fields are shown by number
	Dictionary []byte  // of zstd; nil = none
	Limit      int64   // largest message, in bytes; 0 = 64 MiB. The bounds of its values follow from it
}

// limit returns the limit, or the default.
func (o Options) limit() int64 { return cmp.Or(o.Limit, defaultLimit) }

const (
	defaultLimit = 64 << 20
	maxDepth     = 100 // levels of arrays, maps and messages
)

var (
	errTooDeep = fmt.Errorf("nested more than %d levels deep", maxDepth)
	errMore    = errors.New("more bytes follow the value")
	errCut     = errors.New("the payload ends too early")
)

// Codecs returns the codecs, for flags, completion and help.
func Codecs() []Codec {
	return []Codec{
		{Name: "json", Help: "as it is", Text: true, implied: either(prefixed("graphql"), containing("json")),
			decoder: stateless(decodeJSON), encoder: always(encodeJSON, true)},
		{Name: "msgpack", Help: "MessagePack", implied: either(containing("msgpack"), containing("messagepack")),
			decoder: stateless(counted(decodeMsgpack)), encoder: always(encodeMsgpack, false)},
		{Name: "cbor", Help: "CBOR (RFC 8949): one value or a sequence of them (RFC 8742)", implied: containing("cbor"),
			decoder: stateless(counted(decodeCBOR)), encoder: always(encodeCBOR, false)},
		{Name: "protobuf", Help: "Protocol Buffers, by a schema or by field number", implied: containing("protobuf"),
			decoder: newProtobuf, encoder: newProtobufEncoder},
		{Name: "gzip", Help: "compressed with gzip, zlib or brotli", compresses: true,
			decoder: newInflater, encoder: always(encodeGzip, false)},
		{Name: "deflate", Help: "compressed with deflate (RFC 1951), without a header", compresses: true,
			decoder: stateless(decodeDeflate), encoder: always(encodeDeflate, false)},
		{Name: "brotli", Help: "compressed with brotli (RFC 7932)", compresses: true,
			decoder: stateless(decodeBrotli), encoder: always(encodeBrotli, false)},
		{Name: "zstd", Help: "compressed with Zstandard (RFC 8878), with or without a dictionary", compresses: true,
			decoder: newZstd, encoder: newZstdEncoder},
		{Name: "zlib-stream", Help: "one zlib stream across all messages", compresses: true, decoder: newZlibStream},
		{Name: "zstd-stream", Help: "one Zstandard stream across all messages", compresses: true, decoder: newZstdStream},
		{Name: "mqtt", Help: "control packets of MQTT 3.1.1 and 5", implied: prefixed("mqtt"), decoder: newMQTT, encoder: newMQTTEncoder},
		{Name: "stomp", Help: "frames of STOMP 1.0 to 1.2", Text: true, takesText: true, implied: containing("stomp"),
			decoder: stateless(counted(decodeSTOMP)), encoder: always(encodeSTOMP, true)},
		{Name: "signalr", Help: "JSON records of SignalR, each followed by 0x1E", Text: true, takesText: true,
			decoder: stateless(counted(decodeSignalR)), encoder: always(encodeSignalR, true)},
		{Name: "k8s", Help: "channels of Kubernetes' exec, attach and port-forward", takesText: true, implied: containing("channel.k8s.io"),
			decoder: newK8s, encoder: always(encodeK8s, false)},
	}
}

func containing(part string) func(string) bool {
	return func(name string) bool { return strings.Contains(name, part) }
}

func prefixed(prefix string) func(string) bool {
	return func(name string) bool { return strings.HasPrefix(name, prefix) }
}

func either(a, b func(string) bool) func(string) bool {
	return func(name string) bool { return a(name) || b(name) }
}

// implied returns the name of the codec that a subprotocol implies, or "".
func implied(subprotocol string) string {
	name := strings.ToLower(subprotocol)
	for _, c := range Codecs() {
		if c.implied != nil && c.implied(name) {
			return c.Name
		}
	}
	return ""
}

// find returns the codec with a name.
func find(name string) (Codec, bool) {
	for _, c := range Codecs() {
		if c.Name == name {
			return c, true
		}
	}
	return Codec{}, false
}

// Encoder encodes JSON. That of MQTT keeps the version of the protocol, so it is for one goroutine at a time.
type Encoder func(text []byte) (Message, error)

// NewEncoder returns an encoder of the codec with a name.
func NewEncoder(name string, o Options) (Encoder, error) {
	c, ok := find(name)
	switch {
	case !ok:
		return nil, fmt.Errorf("unknown codec %q", name)
	case !c.Encodes():
		return nil, fmt.Errorf("%s can only decode", name)
	}
	return c.encoder(o), nil
}

// always returns an encoder that needs neither options nor state.
func always(encode func(text []byte) ([]byte, error), isText bool) func(Options) Encoder {
	return func(Options) Encoder {
		return func(text []byte) (Message, error) {
			data, err := encode(text)
			return Message{Data: data, Text: isText}, err
		}
	}
}
