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

// properties appends properties with their length before them, in the order of their numbers.
func (b *mqttBuilder) properties(properties map[string]json.RawMessage) {
	known := mqttPropertyTable()
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if !slices.ContainsFunc(known, func(p mqttProperty) bool { return p.name == name }) {
			b.fail(fmt.Errorf("MQTT has no property %s", name))
		}
	}
	var body []byte
	for _, p := range known {
		if text, ok := properties[p.name]; ok {
			var one mqttBuilder
			p.append(&one, text)
			if one.err != nil {
				b.fail(fmt.Errorf("%s: %w", p.name, one.err))
			}
			body = append(body, one.data...)
		}
	}
	b.data = append(binary.AppendUvarint(b.data, uint64(len(body))), body...)
}

func (p mqttProperty) append(b *mqttBuilder, text json.RawMessage) {
	switch p.as {
	case mqttString, mqttBinary:
		b.bytes(p.id)
		b.string(b.content(text))
		return
	case mqttPair:
		var pairs [][2]string
		if err := json.Unmarshal(text, &pairs); err != nil {
			b.fail(errors.New("expected an array of pairs of strings"))
		}
		for _, pair := range pairs {
			b.bytes(p.id)
			b.string([]byte(pair[0]))
			b.string([]byte(pair[1]))
		}
		return
	}
	var v uint32
	if err := json.Unmarshal(text, &v); err != nil {
		b.fail(errors.New("expected a number"))
	}
	maxValue := map[mqttType]uint32{mqttByte: math.MaxUint8, mqttUint16: math.MaxUint16, mqttUint32: math.MaxUint32, mqttVarint: maxMQTTVarint}[p.as]
	if v > maxValue {
		b.fail(fmt.Errorf("%d is more than %d", v, maxValue))
	}
	b.bytes(p.id)
	switch p.as {
	case mqttByte:
		b.bytes(byte(v))
	case mqttUint16:
		b.uint16(uint16(v))
	case mqttUint32:
		b.data = binary.BigEndian.AppendUint32(b.data, v)
	case mqttVarint:
		b.data = binary.AppendUvarint(b.data, uint64(v))
	}
}

// maxMQTTVarint is the largest number of four bytes with seven bits each.
const maxMQTTVarint = 1<<28 - 1
