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

	takesText  bool                          // text messages are decoded as well as binary ones
	compresses bool                          // it decodes to any bytes, which may be decoded again; false = it decodes to JSON
	implied    func(subprotocol string) bool // reports whether a subprotocol, in lower case, implies this codec; nil = no subprotocol does
	decoder    func(o Options) sessionDecoder
	encoder    func(o Options) Encoder // nil = it only decodes
}

// Encodes reports whether the codec can encode.
func (c Codec) Encodes() bool { return c.encoder != nil }

// Options configure how payloads are encoded and decoded.
type Options struct {
	Schema     *Schema // of protobuf messages; nil = fields are shown by number
	Dictionary []byte  // of zstd; nil = none
	Limit      int64   // maximum size of a message, in bytes; 0 = 64 MiB. The bounds of its values depend on it
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

// Codecs returns the codecs, for flags, completion and help. gzip also decodes zlib and brotli; deflate has no header; zlib-stream and
// zstd-stream are one stream across all messages.
func Codecs() []Codec {
	return []Codec{
		{Name: "json", implied: either(prefixed("graphql"), containing("json")), decoder: stateless(decodeJSON), encoder: always(encodeJSON, true)},
		{Name: "msgpack", implied: either(containing("msgpack"), containing("messagepack")), decoder: stateless(counted(decodeMsgpack)), encoder: always(encodeMsgpack, false)},
		{Name: "cbor", implied: containing("cbor"), decoder: stateless(counted(decodeCBOR)), encoder: always(encodeCBOR, false)},
		{Name: "protobuf", implied: containing("protobuf"), decoder: newProtobuf, encoder: newProtobufEncoder},
		{Name: "gzip", compresses: true, decoder: newInflater, encoder: always(encodeGzip, false)},
		{Name: "deflate", compresses: true, decoder: stateless(decodeDeflate), encoder: always(encodeDeflate, false)},
		{Name: "brotli", compresses: true, decoder: stateless(decodeBrotli), encoder: always(encodeBrotli, false)},
		{Name: "zstd", compresses: true, decoder: newZstd, encoder: newZstdEncoder},
		{Name: "zlib-stream", compresses: true, decoder: newZlibStream},
		{Name: "zstd-stream", compresses: true, decoder: newZstdStream},
		{Name: "mqtt", implied: prefixed("mqtt"), decoder: newMQTT, encoder: newMQTTEncoder},
		{Name: "stomp", takesText: true, implied: containing("stomp"), decoder: stateless(counted(decodeSTOMP)), encoder: always(encodeSTOMP, true)},
		{Name: "signalr", takesText: true, decoder: stateless(counted(decodeSignalR)), encoder: always(encodeSignalR, true)},
		{Name: "k8s", takesText: true, implied: containing("channel.k8s.io"), decoder: newK8s, encoder: always(encodeK8s, false)},
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

// Encoder encodes JSON. It is for one goroutine at a time, as the encoder of MQTT keeps the version of the protocol.
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
