package dialect

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"wsx/codec"
	"wsx/jq"
)

// Message is a message to send.
type Message struct {
	Binary bool
	Data   []byte
}

// record is one value of a message, and its bytes.
type record struct {
	value any
	raw   []byte
}

// coding converts messages to values and back. It may keep an incomplete value; it is for one goroutine.
type coding interface {
	decode(payload []byte, binary bool) ([]record, error)
	encode(value any) ([]Message, error)
}

// jsonCoding: each message is JSON.
type jsonCoding struct{}

func (jsonCoding) decode(payload []byte, _ bool) ([]record, error) {
	value, err := parseJSON(payload)
	if err != nil {
		return nil, err
	}
	return []record{{value, payload}}, nil
}

// The bounds of one message.
const (
	maxMessage = 64 << 20 // maximum size of a message, in bytes; the bound of its values depends on it
	maxRecords = 1 << 16  // maximum number of values in a message
)

var errRecords = fmt.Errorf("more than %d values in one message", maxRecords)

func (jsonCoding) encode(value any) ([]Message, error) {
	if data, ok := bytesOf(value); ok {
		return []Message{{Binary: true, Data: data}}, nil
	}
	return []Message{{Data: jsonText(value)}}, nil
}

// textCoding: each message is a string.
type textCoding struct{}

func (textCoding) decode(payload []byte, _ bool) ([]record, error) {
	return []record{{bytesValue(payload), payload}}, nil
}

func (textCoding) encode(value any) ([]Message, error) {
	if data, ok := bytesOf(value); ok {
		return []Message{{Binary: true, Data: data}}, nil
	}
	return []Message{{Data: []byte(text(value))}}, nil
}

// channelCoding: each message begins with a byte for the channel.
type channelCoding struct{}

var errNoChannel = errors.New("no byte for the channel")

func (channelCoding) decode(payload []byte, _ bool) ([]record, error) {
	if len(payload) == 0 {
		return nil, errNoChannel
	}
	value := map[string]any{"channel": int(payload[0]), "data": bytesValue(payload[1:])}
	return []record{{value, payload}}, nil
}

func (channelCoding) encode(value any) ([]Message, error) {
	object, _ := value.(map[string]any)
	data, isBytes := bytesOf(object["data"])
	if s, ok := object["data"].(string); ok {
		data, isBytes = []byte(s), true
	}
	if n := intOf(object["channel"]); isBytes && n >= 0 && n <= 255 {
		return []Message{{Binary: true, Data: append([]byte{byte(n)}, data...)}}, nil
	}
	return nil, errors.New("coding channel sends {channel, data}")
}

// codecCoding is a coding by a codec of package codec.
type codecCoding struct {
	decoder *codec.Decoder
	encoder codec.Encoder
}

func newCodecCoding(name string) (c codecCoding, err error) {
	if c.decoder, err = codec.NewDecoder(name, codec.Options{}); err == nil {
		c.encoder, err = codec.NewEncoder(name, codec.Options{})
	}
	return c, err
}

func (c codecCoding) decode(payload []byte, binary bool) (list []record, err error) {
	decoded, err := c.decoder.Decode(context.Background(), codec.Message{Data: payload, Text: !binary})
	if err != nil {
		return nil, err
	}
	if decoded.Codec == "" {
		return nil, errTextMessage
	}
	if len(decoded.Values) > maxRecords {
		return nil, errRecords
	}
	for _, text := range decoded.Values {
		value, err := parseJSON(text)
		if err != nil {
			return nil, err
		}
		list = append(list, record{value, payload})
	}
	return list, nil
}

var errTextMessage = errors.New("a text message where a binary message was expected")

func (c codecCoding) encode(value any) ([]Message, error) {
	m, err := c.encoder(jsonText(value))
	if err != nil {
		return nil, err
	}
	return []Message{{Binary: !m.Text, Data: m.Data}}, nil
}

// separatedCoding is a coding of messages with several values, with a separator after each or between them.
type separatedCoding struct {
	coding
	separator []byte
}

func (c separatedCoding) decode(payload []byte, binary bool) (list []record, err error) {
	for part := range bytes.SplitSeq(payload, c.separator) {
		if len(part) == 0 {
			continue
		}
		records, err := c.coding.decode(part, binary)
		if err != nil {
			return nil, err
		}
		if list = append(list, records...); len(list) > maxRecords {
			return nil, errRecords
		}
	}
	return list, nil
}

func (c separatedCoding) encode(value any) ([]Message, error) {
	list, err := c.coding.encode(value)
	for i := range list {
		list[i].Data = append(list[i].Data, c.separator...)
	}
	return list, err
}

// parseJSON parses a payload that is one JSON value, in bounded memory.
func parseJSON(payload []byte) (any, error) {
	values := jq.NewValues(payload, maxMessage)
	value, err := values.Next()
	if err == nil && values.More() {
		err = jq.ErrNotJSON
	}
	return value, err
}
