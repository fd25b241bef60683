package codec

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mqttJSON is a control packet as JSON. Each type of packet uses some of the members.
type mqttJSON struct {
	Packet         string                     `json:"packet"`
	Version        byte                       `json:"version"`
	Clean          *bool                      `json:"clean"` // nil = true
	Keepalive      uint16                     `json:"keepalive"`
	Client         string                     `json:"client"`
	Will           *mqttWillJSON              `json:"will"`
	User           *string                    `json:"user"`
	Password       json.RawMessage            `json:"password"`
	Properties     map[string]json.RawMessage `json:"properties"`
	SessionPresent bool                       `json:"session_present"`
	Code           byte                       `json:"code"`
	Topic          string                     `json:"topic"`
	QoS            byte                       `json:"qos"`
	Retain         bool                       `json:"retain"`
	Dup            bool                       `json:"dup"`
	ID             uint16                     `json:"id"`
	Payload        json.RawMessage            `json:"payload"`
	Topics         []json.RawMessage          `json:"topics"`
	Codes          []uint16                   `json:"codes"`
}

type mqttWillJSON struct {
	QoS        byte                       `json:"qos"`
	Retain     bool                       `json:"retain"`
	Properties map[string]json.RawMessage `json:"properties"`
	Topic      string                     `json:"topic"`
	Payload    json.RawMessage            `json:"payload"`
}

type mqttTopicJSON struct {
	Topic             string `json:"topic"`
	QoS               byte   `json:"qos"`
	NoLocal           bool   `json:"no_local"`
	RetainAsPublished bool   `json:"retain_as_published"`
	RetainHandling    byte   `json:"retain_handling"`
}

// newMQTTEncoder encodes control packets in the version of the last CONNECT.
func newMQTTEncoder(Options) Encoder {
	version := byte(mqtt311)
	return func(text []byte) (Message, error) {
		var p mqttJSON
		if err := unmarshal(text, &p); err != nil {
			return Message{}, err
		}
		kind := slices.Index(mqttNames(), strings.ToUpper(p.Packet))
		if kind <= 0 {
			return Message{}, fmt.Errorf(`"packet" must be the type of a control packet, like "PUBLISH", not %q`, p.Packet)
		}
		if kind == mqttConnect && p.Version != 0 {
			version = p.Version
		}
		p.Version = version
		body, err := p.body(byte(kind))
		if err != nil {
			return Message{}, fmt.Errorf("%s: %w", strings.ToUpper(p.Packet), err)
		}
		if len(body) > maxMQTTVarint {
			return Message{}, fmt.Errorf("a packet of %d bytes, but MQTT allows %d", len(body), maxMQTTVarint)
		}
		data := binary.AppendUvarint([]byte{byte(kind)<<4 | p.flags(byte(kind))}, uint64(len(body)))
		return Message{Data: append(data, body...)}, nil
	}
}

// flags returns the flags of the first byte (MQTT 5, section 2.1.3).
func (p *mqttJSON) flags(kind byte) (flags byte) {
	switch kind {
	case mqttPublish:
		flags = p.QoS << 1
		if p.Retain {
			flags |= mqttFlagRetain
		}
		if p.Dup {
			flags |= mqttFlagDup
		}
	case mqttPubrel, mqttSubscribe, mqttUnsubscribe:
		flags = 2
	}
	return flags
}

// body returns the bytes after the fixed header.
func (p *mqttJSON) body(kind byte) ([]byte, error) {
	b := &mqttBuilder{}
	switch kind {
	case mqttConnect:
		p.connect(b)
	case mqttConnack:
		b.bytes(0, p.Code)
		if p.SessionPresent {
			b.data[0] = 1
		}
		p.appendProperties(b)
	case mqttPublish:
		p.publish(b)
	case mqttPuback, mqttPubrec, mqttPubrel, mqttPubcomp:
		p.appendID(b)
		p.appendReason(b)
	case mqttSubscribe, mqttUnsubscribe:
		p.subscribe(b, kind)
	case mqttSuback, mqttUnsuback:
		b.uint16(p.ID)
		p.appendProperties(b)
		for _, code := range p.Codes {
			b.bytes(byte(code))
		}
	case mqttDisconnect, mqttAuth:
		p.appendReason(b)
	}
	return b.data, b.err
}

func (p *mqttJSON) appendID(b *mqttBuilder) {
	if p.ID == 0 {
		b.fail(errors.New(`the packet needs an "id" from 1 to 65535`))
	}
	b.uint16(p.ID)
}

func (p *mqttJSON) appendProperties(b *mqttBuilder) {
	switch {
	case p.Version >= mqtt5:
		b.properties(p.Properties)
	case len(p.Properties) > 0:
		b.fail(errors.New("only MQTT 5 has properties"))
	}
}

// appendReason appends a reason code and properties, unless both are the default.
func (p *mqttJSON) appendReason(b *mqttBuilder) {
	if p.Version < mqtt5 || p.Code == 0 && len(p.Properties) == 0 {
		return
	}
	b.bytes(p.Code)
	p.appendProperties(b)
}

func (p *mqttJSON) connect(b *mqttBuilder) {
	var flags byte
	if p.Clean == nil || *p.Clean {
		flags |= mqttClean
	}
	if p.User != nil {
		flags |= mqttUser
	}
	if p.Password != nil {
		flags |= mqttPassword
	}
	if p.Will != nil {
		flags |= mqttWill | p.Will.QoS&3<<3
		if p.Will.Retain {
			flags |= mqttRetain
		}
	}
	b.string([]byte("MQTT"))
	b.bytes(p.Version, flags)
	b.uint16(p.Keepalive)
	p.appendProperties(b)
	b.string([]byte(p.Client))
	if p.Will != nil {
		if p.Version >= mqtt5 {
			b.properties(p.Will.Properties)
		}
		b.string([]byte(p.Will.Topic))
		b.string(b.content(p.Will.Payload))
	}
	if p.User != nil {
		b.string([]byte(*p.User))
	}
	if p.Password != nil {
		b.string(b.content(p.Password))
	}
}

func (p *mqttJSON) publish(b *mqttBuilder) {
	if p.QoS > 2 {
		b.fail(fmt.Errorf(`"qos" must be 0, 1 or 2, not %d`, p.QoS))
	}
	b.string([]byte(p.Topic))
	if p.QoS > 0 {
		p.appendID(b)
	}
	p.appendProperties(b)
	b.bytes(b.content(p.Payload)...)
}

// subscribe appends the body of SUBSCRIBE or UNSUBSCRIBE. A topic is a string, or an object with its options.
func (p *mqttJSON) subscribe(b *mqttBuilder, kind byte) {
	p.appendID(b)
	if len(p.Topics) == 0 {
		b.fail(errors.New(`"topics" must have at least one topic`))
	}
	p.appendProperties(b)
	for _, text := range p.Topics {
		var topic mqttTopicJSON
		if json.Unmarshal(text, &topic.Topic) != nil {
			b.fail(unmarshal(text, &topic))
		}
		b.string([]byte(topic.Topic))
		if kind == mqttSubscribe {
			b.bytes(topic.options())
		}
	}
}

func (t mqttTopicJSON) options() byte {
	options := t.QoS&3 | t.RetainHandling&3<<4
	if t.NoLocal {
		options |= 4
	}
	if t.RetainAsPublished {
		options |= 8
	}
	return options
}
