package codec

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// mqttBuilder builds the body of a packet. It keeps the first error, after which the body is not used.
type mqttBuilder struct {
	data []byte
	err  error
}

// fail keeps an error; nil = none.
func (b *mqttBuilder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *mqttBuilder) bytes(data ...byte) { b.data = append(b.data, data...) }

func (b *mqttBuilder) uint16(v uint16) { b.data = binary.BigEndian.AppendUint16(b.data, v) }

// string appends bytes with their length in 16 bits before them.
func (b *mqttBuilder) string(data []byte) {
	if len(data) > math.MaxUint16 {
		b.fail(fmt.Errorf("a string of %d bytes, but MQTT allows %d", len(data), math.MaxUint16))
	}
	b.uint16(uint16(len(data)))
	b.bytes(data...)
}

// content returns the bytes that JSON stands for.
func (b *mqttBuilder) content(text json.RawMessage) []byte {
	data, err := contentOf(text)
	b.fail(err)
	return data
}
