package codec

import (
	"fmt"
	"strings"
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
