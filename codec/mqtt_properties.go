package codec

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// mqttType is the wire type of a property.
type mqttType byte

const (
	mqttByte mqttType = iota + 1
	mqttUint16
	mqttUint32
	mqttVarint
	mqttString
	mqttBinary
	mqttPair // two strings; such a property may repeat
)

type mqttProperty struct {
	id   byte
	name string
	as   mqttType
}

// mqttPropertyTable returns the properties of MQTT 5, section 2.2.2.2.
func mqttPropertyTable() []mqttProperty {
	return []mqttProperty{
		{1, "payload_format_indicator", mqttByte},
		{2, "message_expiry_interval", mqttUint32},
		{3, "content_type", mqttString},
		{8, "response_topic", mqttString},
		{9, "correlation_data", mqttBinary},
		{11, "subscription_identifier", mqttVarint},
		{17, "session_expiry_interval", mqttUint32},
		{18, "assigned_client_identifier", mqttString},
		{19, "server_keep_alive", mqttUint16},
		{21, "authentication_method", mqttString},
		{22, "authentication_data", mqttBinary},
		{23, "request_problem_information", mqttByte},
		{24, "will_delay_interval", mqttUint32},
		{25, "request_response_information", mqttByte},
		{26, "response_information", mqttString},
		{28, "server_reference", mqttString},
		{31, "reason_string", mqttString},
		{33, "receive_maximum", mqttUint16},
		{34, "topic_alias_maximum", mqttUint16},
		{35, "topic_alias", mqttUint16},
		{36, "maximum_qos", mqttByte},
		{37, "retain_available", mqttByte},
		{38, "user_property", mqttPair},
		{39, "maximum_packet_size", mqttUint32},
		{40, "wildcard_subscription_available", mqttByte},
		{41, "subscription_identifier_available", mqttByte},
		{42, "shared_subscription_available", mqttByte},
	}
}

// writeMQTTProperties writes properties as members of an object. The pairs of user_property are an array.
func writeMQTTProperties(w *mqttWriter, b *mqttBody) {
	table := mqttPropertyTable()
	var pairs [][2][]byte
	isFirst := true
	name := func(name string) {
		if !isFirst {
			w.writer.byte(',')
		}
		isFirst = false
		w.member(name)
	}
	for len(b.data) > 0 {
		id := b.byte()
		i := slices.IndexFunc(table, func(p mqttProperty) bool { return p.id == id })
		if i < 0 {
			b.fail(fmt.Errorf("an unknown property, %d", id))
			return
		}
		if err := w.value(); err != nil {
			b.fail(err)
			return
		}
		p := table[i]
		if p.as == mqttPair {
			pairs = append(pairs, [2][]byte{b.string(), b.string()})
			continue
		}
		name(p.name)
		switch p.as {
		case mqttByte:
			w.writer.uint(b.uint(1))
		case mqttUint16:
			w.writer.uint(b.uint(2))
		case mqttUint32:
			w.writer.uint(b.uint(4))
		case mqttVarint:
			w.writer.uint(uint64(b.varint()))
		case mqttString:
			w.quote(b.string())
		case mqttBinary:
			w.bytes(b.string())
		}
	}
	if len(pairs) == 0 {
		return
	}
	name("user_property")
	w.writer.byte('[')
	for i, pair := range pairs {
		if i > 0 {
			w.writer.byte(',')
		}
		w.writer.byte('[')
		w.quote(pair[0])
		w.writer.byte(',')
		w.quote(pair[1])
		w.writer.byte(']')
	}
	w.writer.byte(']')
}

// appendMQTTProperties appends properties with their length before them, in the order of their numbers.
func appendMQTTProperties(dst []byte, properties map[string]json.RawMessage) ([]byte, error) {
	var body []byte
	known := mqttPropertyTable()
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if !slices.ContainsFunc(known, func(p mqttProperty) bool { return p.name == name }) {
			return nil, fmt.Errorf("MQTT has no property %s", name)
		}
	}
	for _, p := range known {
		text, ok := properties[p.name]
		if !ok {
			continue
		}
		var err error
		if body, err = p.append(body, text); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return append(binary.AppendUvarint(dst, uint64(len(body))), body...), nil
}

func (p mqttProperty) append(dst []byte, text json.RawMessage) ([]byte, error) {
	switch p.as {
	case mqttString, mqttBinary:
		data, err := contentOf(text)
		if err != nil {
			return nil, err
		}
		return appendMQTTString(append(dst, p.id), data)
	case mqttPair:
		var pairs [][2]string
		if err := json.Unmarshal(text, &pairs); err != nil {
			return nil, errors.New("expected an array of pairs of strings")
		}
		var err error
		for _, pair := range pairs {
			dst = append(dst, p.id)
			for _, part := range pair {
				if dst, err = appendMQTTString(dst, []byte(part)); err != nil {
					return nil, err
				}
			}
		}
		return dst, nil
	}
	var v uint32
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, errors.New("expected a number")
	}
	maxValue := map[mqttType]uint32{mqttByte: math.MaxUint8, mqttUint16: math.MaxUint16, mqttUint32: math.MaxUint32, mqttVarint: maxMQTTVarint}[p.as]
	if v > maxValue {
		return nil, fmt.Errorf("%d is more than %d", v, maxValue)
	}
	dst = append(dst, p.id)
	switch p.as {
	case mqttByte:
		return append(dst, byte(v)), nil
	case mqttUint16:
		return binary.BigEndian.AppendUint16(dst, uint16(v)), nil
	case mqttUint32:
		return binary.BigEndian.AppendUint32(dst, v), nil
	}
	return binary.AppendUvarint(dst, uint64(v)), nil
}

// maxMQTTVarint is the largest number of four bytes with seven bits each.
const maxMQTTVarint = 1<<28 - 1

// appendMQTTString appends bytes with their length in 16 bits before them.
func appendMQTTString(dst, data []byte) ([]byte, error) {
	if len(data) > math.MaxUint16 {
		return nil, fmt.Errorf("a string of %d bytes, but MQTT allows %d", len(data), math.MaxUint16)
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(data))), data...), nil
}
