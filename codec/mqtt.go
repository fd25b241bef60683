package codec

import (
	"encoding/binary"
	"errors"
	"strconv"
)

// decodeMQTT reads the control packets of a message (MQTT 3.1.1, section 2). One is an object, several are
// an array. Of a publication the topic and what it carries are told, of the others what follows the header.
func decodeMQTT(payload []byte) ([]byte, error) {
	var packets [][]byte
	for len(payload) > 0 {
		packet, rest, err := nextMQTT(payload)
		if err != nil {
			return nil, err
		}
		packets, payload = append(packets, packet), rest
	}
	switch len(packets) {
	case 0:
		return nil, errCut
	case 1:
		return packets[0], nil
	}
	dst := []byte{'['}
	for i, packet := range packets {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, packet...)
	}
	return append(dst, ']'), nil
}

func nextMQTT(data []byte) (text, rest []byte, err error) {
	name := mqttName(data[0] >> 4)
	length, n := binary.Uvarint(data[1:min(len(data), 5)])
	switch {
	case name == "":
		return nil, nil, errors.New("a control packet of a reserved type")
	case n <= 0 || uint64(len(data)-1-n) < length:
		return nil, nil, errCut
	}
	body := data[1+n:][:length]
	dst := append([]byte(`{"packet":"`), name...)
	dst = append(dst, '"')
	if name == "PUBLISH" {
		if dst, err = appendPublication(dst, data[0], body); err != nil {
			return nil, nil, err
		}
	} else if len(body) > 0 {
		dst = appendBytes(append(dst, `,"rest":`...), body)
	}
	return append(dst, '}'), data[1+n:][length:], nil
}

// appendPublication appends the members of a PUBLISH packet (MQTT 3.1.1, section 3.3).
func appendPublication(dst []byte, header byte, body []byte) ([]byte, error) {
	if len(body) < 2 {
		return nil, errCut
	}
	size := int(binary.BigEndian.Uint16(body))
	if body = body[2:]; len(body) < size {
		return nil, errCut
	}
	dst = appendString(append(dst, `,"topic":`...), string(body[:size]))
	body = body[size:]
	quality := header >> 1 & 3
	dst = strconv.AppendUint(append(dst, `,"qos":`...), uint64(quality), 10)
	dst = strconv.AppendBool(append(dst, `,"retain":`...), header&1 != 0)
	if quality > 0 {
		if len(body) < 2 {
			return nil, errCut
		}
		dst = strconv.AppendUint(append(dst, `,"id":`...), uint64(binary.BigEndian.Uint16(body)), 10)
		body = body[2:]
	}
	return appendContent(append(dst, `,"payload":`...), body), nil
}

// mqttName returns the name of a type of control packet; "" = reserved.
func mqttName(t byte) string {
	return [16]string{
		"", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
		"SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
	}[t]
}
