package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The types of control packets (MQTT 5, section 2.1.2).
const (
	mqttConnect = 1 + iota
	mqttConnack
	mqttPublish
	mqttPuback
	mqttPubrec
	mqttPubrel
	mqttPubcomp
	mqttSubscribe
	mqttSuback
	mqttUnsubscribe
	mqttUnsuback
	mqttPingreq
	mqttPingresp
	mqttDisconnect
	mqttAuth
)

// mqttNames returns the names of the types of control packets; "" = reserved.
func mqttNames() []string {
	return []string{
		"", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
		"SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
	}
}

// The versions of the protocol in CONNECT.
const (
	mqtt311 = 4 // also the default without a CONNECT
	mqtt5   = 5
)

// mqttDecoder decodes MQTT. A packet may span several messages, and a message may contain several packets (MQTT 3.1.1, section 6).
type mqttDecoder struct {
	names   []string
	limit   int64
	version byte      // of the session; 0 = not known
	partial [2][]byte // the beginning of an incomplete packet, by direction: received, sent
}

func newMQTT(o Options) sessionDecoder { return &mqttDecoder{names: mqttNames(), limit: o.limit()} }

func (d *mqttDecoder) pending(sent bool) int { return len(d.partial[directionOf(sent)]) }

func (*mqttDecoder) close() {}

func (d *mqttDecoder) decode(w *writer, m Message) error {
	partial := &d.partial[directionOf(m.Sent)]
	if len(m.Data) == 0 && len(*partial) == 0 {
		return errCut
	}
	data := m.Data
	if len(*partial) > 0 {
		*partial = append(*partial, m.Data...)
		data = *partial
	}
	version, rest, err := d.packets(w, data)
	if err != nil {
		*partial = nil
		return err
	}
	d.version = version
	if len(*partial) == 0 || len(rest) < len(data) { // do not copy a long packet again for each message
		*partial = bytes.Clone(rest)
	}
	return nil
}

// packets writes the packets at the beginning of data. It returns the rest, and the version of the session after them.
func (d *mqttDecoder) packets(w *writer, data []byte) (version byte, rest []byte, err error) {
	err = w.write(len(data), func() error {
		version, rest = d.version, data
		for len(rest) > 0 {
			p, after, err := d.next(rest)
			if err != nil || after == nil {
				return err
			}
			p.version = d.packetVersion(p, version)
			if p.kind == mqttConnect || p.kind == mqttConnack {
				version = p.version
			}
			if err := p.write(w, d.names[p.kind]); err != nil {
				return err
			}
			w.end()
			rest = after
		}
		return nil
	})
	return version, rest, err
}

// mqttPacket is a control packet.
type mqttPacket struct {
	kind    byte
	flags   byte
	version byte
	body    []byte
}

// next reads the packet at the beginning of data; the rest is nil if the packet is not complete.
func (d *mqttDecoder) next(data []byte) (p mqttPacket, after []byte, err error) {
	p.kind, p.flags = data[0]>>4, data[0]&15
	switch {
	case d.names[p.kind] == "":
		return p, nil, errors.New("a control packet of a reserved type")
	case p.kind == mqttPublish && p.flags>>1&3 == 3:
		return p, nil, errors.New("a quality of service of 3")
	}
	length, n := binary.Uvarint(data[1:min(len(data), 5)])
	switch {
	case n <= 0 && len(data) >= 5:
		return p, nil, errors.New("a length of more than 4 bytes")
	case n <= 0:
		return p, nil, nil
	case int64(length) > d.limit:
		return p, nil, fmt.Errorf("a packet of %d bytes", length)
	case uint64(len(data)-1-n) < length:
		return p, nil, nil
	}
	end := 1 + n + int(length)
	p.body = data[1+n : end]
	return p, data[end:], nil
}

// packetVersion returns the version of a packet: that of a CONNECT, and version 5 for a CONNACK longer than 2 bytes.
func (d *mqttDecoder) packetVersion(p mqttPacket, session byte) byte {
	switch {
	case p.kind == mqttConnect:
		name := mqttBody{data: p.body}
		name.string()
		if version := name.byte(); name.err == nil {
			return version
		}
	case p.kind == mqttConnack && len(p.body) > 2, p.kind == mqttAuth:
		return mqtt5
	case p.kind == mqttConnack && session == 0:
		return mqtt311
	}
	if session == 0 {
		return mqtt311
	}
	return session
}

// write writes a packet as an object.
func (p mqttPacket) write(w *writer, name string) error {
	if err := w.value(); err != nil {
		return err
	}
	w.byte('{')
	w.member("packet")
	w.quote([]byte(name))
	b := &mqttBody{data: p.body}
	p.writeMembers(&mqttWriter{w}, b)
	if b.err == nil && len(b.data) > 0 {
		b.err = errMore
	}
	w.byte('}')
	return b.err
}

func (p mqttPacket) writeMembers(w *mqttWriter, b *mqttBody) {
	switch p.kind {
	case mqttConnect:
		p.writeConnect(w, b)
	case mqttConnack:
		w.bool("session_present", b.byte()&1 != 0)
		w.uint("code", b.uint(1))
		p.writeProperties(w, b)
	case mqttPublish:
		p.writePublish(w, b)
	case mqttPuback, mqttPubrec, mqttPubrel, mqttPubcomp:
		w.uint("id", b.uint(2))
		p.writeReason(w, b)
	case mqttSubscribe:
		w.uint("id", b.uint(2))
		p.writeProperties(w, b)
		w.list("topics", b, writeSubscription)
	case mqttSuback:
		p.writeCodes(w, b)
	case mqttUnsubscribe:
		w.uint("id", b.uint(2))
		p.writeProperties(w, b)
		w.list("topics", b, func(w *mqttWriter, b *mqttBody) { w.quote(b.string()) })
	case mqttUnsuback:
		p.writeCodes(w, b)
	case mqttDisconnect, mqttAuth:
		p.writeReason(w, b)
	}
}

// writeReason writes a reason code and properties, both of which may be missing (MQTT 5, section 3.4.2.1).
func (p mqttPacket) writeReason(w *mqttWriter, b *mqttBody) {
	if len(b.data) > 0 && p.version >= mqtt5 {
		w.uint("code", b.uint(1))
	}
	if len(b.data) > 0 {
		p.writeProperties(w, b)
	}
}

func (p mqttPacket) writeCodes(w *mqttWriter, b *mqttBody) {
	w.uint("id", b.uint(2))
	p.writeProperties(w, b)
	if p.kind == mqttSuback || p.version >= mqtt5 {
		w.list("codes", b, func(w *mqttWriter, b *mqttBody) { w.writer.uint(b.uint(1)) })
	}
}

// writeSubscription writes a topic filter and its options (MQTT 5, section 3.8.3.1).
func writeSubscription(w *mqttWriter, b *mqttBody) {
	w.writer.byte('{')
	w.writer.member("topic")
	w.quote(b.string())
	options := b.byte()
	w.uint("qos", uint64(options&3))
	if options&4 != 0 {
		w.bool("no_local", true)
	}
	if options&8 != 0 {
		w.bool("retain_as_published", true)
	}
	if handling := options >> 4 & 3; handling != 0 {
		w.uint("retain_handling", uint64(handling))
	}
	w.writer.byte('}')
}

// The flags of CONNECT (MQTT 5, section 3.1.2.3).
const (
	mqttClean    = 0x02
	mqttWill     = 0x04
	mqttRetain   = 0x20 // of the will
	mqttPassword = 0x40
	mqttUser     = 0x80
)

func (p mqttPacket) writeConnect(w *mqttWriter, b *mqttBody) {
	if name := string(b.string()); b.err == nil && name != "MQTT" && name != "MQIsdp" {
		b.fail(fmt.Errorf("the protocol %.20q", name))
	}
	w.uint("version", b.uint(1))
	flags := b.byte()
	w.bool("clean", flags&mqttClean != 0)
	w.uint("keepalive", b.uint(2))
	p.writeProperties(w, b)
	w.string("client", b.string())
	if flags&mqttWill != 0 {
		w.name("will")
		w.writer.byte('{')
		w.writer.member("qos")
		w.writer.uint(uint64(flags >> 3 & 3))
		w.bool("retain", flags&mqttRetain != 0)
		p.writeProperties(w, b)
		w.string("topic", b.string())
		w.content("payload", b.string())
		w.writer.byte('}')
	}
	if flags&mqttUser != 0 {
		w.string("user", b.string())
	}
	if flags&mqttPassword != 0 {
		w.content("password", b.string())
	}
}

// The flags of PUBLISH (MQTT 5, section 3.3.1).
const (
	mqttFlagRetain = 1
	mqttFlagDup    = 8
)

func (p mqttPacket) writePublish(w *mqttWriter, b *mqttBody) {
	w.string("topic", b.string())
	qos := p.flags >> 1 & 3
	w.uint("qos", uint64(qos))
	w.bool("retain", p.flags&mqttFlagRetain != 0)
	if p.flags&mqttFlagDup != 0 {
		w.bool("dup", true)
	}
	if qos > 0 {
		w.uint("id", b.uint(2))
	}
	p.writeProperties(w, b)
	w.content("payload", b.rest())
}

// writeProperties writes the properties of a packet of version 5, if it has any.
func (p mqttPacket) writeProperties(w *mqttWriter, b *mqttBody) {
	if p.version < mqtt5 {
		return
	}
	properties := &mqttBody{data: b.next(b.varint())}
	if b.err != nil || len(properties.data) == 0 {
		return
	}
	w.name("properties")
	w.writer.byte('{')
	writeMQTTProperties(w, properties)
	w.writer.byte('}')
	if properties.err != nil {
		b.fail(properties.err)
	}
}
