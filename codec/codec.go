// Package codec converts payloads to JSON and back: MessagePack, CBOR, Protocol Buffers, MQTT, STOMP, and compression.
//
// A Decoder decodes the messages of a session. It keeps the state of a codec between messages, for each direction: the beginning of an
// MQTT packet, the context of a compressed stream. It bounds the size of its output and can be interrupted, as messages come from
// servers that may be hostile. docs/formats.md states the bounds.
//
// CBOR is decoded here and not by a library because libraries decode a map into a Go map, which loses the order of its
// members, and because the text is written without building the values first.
package codec

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
