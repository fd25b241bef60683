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
	switch kind {
	case mqttConnect:
		return p.connect()
	case mqttConnack:
		dst := []byte{0, p.Code}
		if p.SessionPresent {
			dst[0] = 1
		}
		return p.appendProperties(dst)
	case mqttPublish:
		return p.publish()
	case mqttPuback, mqttPubrec, mqttPubrel, mqttPubcomp:
		if err := p.checkID(); err != nil {
			return nil, err
		}
		return p.appendReason(binary.BigEndian.AppendUint16(nil, p.ID))
	case mqttSubscribe, mqttUnsubscribe:
		return p.subscribe(kind)
	case mqttSuback, mqttUnsuback:
		dst, err := p.appendProperties(binary.BigEndian.AppendUint16(nil, p.ID))
		for _, code := range p.Codes {
			dst = append(dst, byte(code))
		}
		return dst, err
	case mqttDisconnect, mqttAuth:
		return p.appendReason(nil)
	}
	return nil, nil
}

func (p *mqttJSON) checkID() error {
	if p.ID == 0 {
		return errors.New(`the packet needs an "id" from 1 to 65535`)
	}
	return nil
}

func (p *mqttJSON) appendProperties(dst []byte) ([]byte, error) {
	switch {
	case p.Version >= mqtt5:
		return appendMQTTProperties(dst, p.Properties)
	case len(p.Properties) > 0:
		return nil, errors.New("only MQTT 5 has properties")
	}
	return dst, nil
}

// appendReason appends a reason code and properties, unless both are the default.
func (p *mqttJSON) appendReason(dst []byte) ([]byte, error) {
	if p.Version < mqtt5 || p.Code == 0 && len(p.Properties) == 0 {
		return dst, nil
	}
	return p.appendProperties(append(dst, p.Code))
}

func (p *mqttJSON) connect() ([]byte, error) {
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
	dst := append([]byte("\x00\x04MQTT"), p.Version, flags)
	dst = binary.BigEndian.AppendUint16(dst, p.Keepalive)
	dst, err := p.appendProperties(dst)
	if err != nil {
		return nil, err
	}
	fields := [][]byte{[]byte(p.Client)}
	if dst, err = appendMQTTStrings(dst, fields); err != nil || p.Will == nil {
		return p.appendLogin(dst, err)
	}
	if p.Version >= mqtt5 {
		if dst, err = appendMQTTProperties(dst, p.Will.Properties); err != nil {
			return nil, err
		}
	}
	payload, err := contentOf(p.Will.Payload)
	if err != nil {
		return nil, err
	}
	dst, err = appendMQTTStrings(dst, [][]byte{[]byte(p.Will.Topic), payload})
	return p.appendLogin(dst, err)
}

func (p *mqttJSON) appendLogin(dst []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	var fields [][]byte
	if p.User != nil {
		fields = append(fields, []byte(*p.User))
	}
	if p.Password != nil {
		password, err := contentOf(p.Password)
		if err != nil {
			return nil, err
		}
		fields = append(fields, password)
	}
	return appendMQTTStrings(dst, fields)
}

func appendMQTTStrings(dst []byte, fields [][]byte) (_ []byte, err error) {
	for _, field := range fields {
		if dst, err = appendMQTTString(dst, field); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func (p *mqttJSON) publish() ([]byte, error) {
	if p.QoS > 2 {
		return nil, fmt.Errorf(`"qos" must be 0, 1 or 2, not %d`, p.QoS)
	}
	dst, err := appendMQTTString(nil, []byte(p.Topic))
	if err != nil {
		return nil, err
	}
	if p.QoS > 0 {
		if err := p.checkID(); err != nil {
			return nil, err
		}
		dst = binary.BigEndian.AppendUint16(dst, p.ID)
	}
	if dst, err = p.appendProperties(dst); err != nil {
		return nil, err
	}
	payload, err := contentOf(p.Payload)
	return append(dst, payload...), err
}

// subscribe returns the body of SUBSCRIBE or UNSUBSCRIBE. A topic is a string, or an object with its options.
func (p *mqttJSON) subscribe(kind byte) ([]byte, error) {
	if err := p.checkID(); err != nil {
		return nil, err
	}
	if len(p.Topics) == 0 {
		return nil, errors.New(`"topics" must have at least one topic`)
	}
	dst, err := p.appendProperties(binary.BigEndian.AppendUint16(nil, p.ID))
	for _, text := range p.Topics {
		if err != nil {
			return nil, err
		}
		var topic mqttTopicJSON
		if json.Unmarshal(text, &topic.Topic) != nil {
			if err := unmarshal(text, &topic); err != nil {
				return nil, err
			}
		}
		if dst, err = appendMQTTString(dst, []byte(topic.Topic)); err == nil && kind == mqttSubscribe {
			dst = append(dst, topic.options())
		}
	}
	return dst, err
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
