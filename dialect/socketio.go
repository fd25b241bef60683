package dialect

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// socketioCoding encodes Socket.IO 5 packets in Engine.IO 4 packets: a digit for each, the number of binary attachments, the namespace, an
// id, and JSON. Each attachment follows as a binary message of its own.
// As a value a packet is {packet, ns, id, data}; bytes in it are {"base64": "..."}.
type socketioCoding struct {
	incomplete map[string]any // a packet whose attachments were not all received; nil = no packet
	expected   int            // number of its attachments
	attached   []any
	size       int // total size of the attachments received, in bytes
}

// The bounds of the attachments of one packet.
const (
	maxAttachments      = 1000
	maxAttachedBytes    = 64 << 20
	maxPlaceholderDepth = 100 // levels
)

var (
	enginePackets = []string{"open", "engine close", "ping", "pong", "message", "upgrade", "noop"}
	socketPackets = []string{"connect", "disconnect", "event", "ack", "connect_error", "event", "ack"}
)

// The packet types.
const (
	engineMessage = 4
	binaryEvent   = 5
	binaryAck     = 6
)

var (
	errNotSocketIO  = errors.New("not a packet of Socket.IO")
	errNoAttachment = errors.New("a text message where a binary attachment was expected")
)

func (c *socketioCoding) decode(payload []byte, binary bool) ([]record, error) {
	if binary {
		return c.attach(payload)
	}
	if c.incomplete != nil {
		c.incomplete = nil
		return nil, errNoAttachment
	}
	if len(payload) == 0 || payload[0] < '0' || payload[0] > '6' {
		return nil, errNotSocketIO
	}
	kind, rest := int(payload[0]-'0'), string(payload[1:])
	if kind == engineMessage {
		return c.message(rest, payload)
	}
	value := map[string]any{"packet": enginePackets[kind]}
	if rest != "" {
		value["data"] = rest
	}
	if kind == 0 {
		data, err := parseJSON([]byte(rest))
		if err != nil {
			return nil, errNotSocketIO
		}
		value["data"] = data
	}
	return []record{{value, payload}}, nil
}

// message parses a Socket.IO packet.
func (c *socketioCoding) message(text string, raw []byte) ([]record, error) {
	if text == "" || text[0] < '0' || text[0] > '6' {
		return nil, errNotSocketIO
	}
	kind := int(text[0] - '0')
	text = text[1:]
	value := map[string]any{"packet": socketPackets[kind], "ns": "/"}
	attachments := 0
	if kind == binaryEvent || kind == binaryAck {
		number, rest, found := strings.Cut(text, "-")
		n, err := strconv.Atoi(number)
		if !found || err != nil || n < 0 || n > maxAttachments {
			return nil, errNotSocketIO
		}
		attachments, text = n, rest
	}
	if strings.HasPrefix(text, "/") {
		ns, rest, _ := strings.Cut(text, ",")
		value["ns"], text = ns, rest
	}
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if id, err := strconv.Atoi(text[:digits]); err == nil {
		value["id"], text = id, text[digits:]
	}
	if text != "" {
		data, err := parseJSON([]byte(text))
		if err != nil {
			return nil, errNotSocketIO
		}
		value["data"] = data
	}
	if attachments > 0 {
		*c = socketioCoding{incomplete: value, expected: attachments}
		return nil, nil
	}
	return []record{{value, raw}}, nil
}

// attach adds an attachment; the last completes the packet.
func (c *socketioCoding) attach(payload []byte) ([]record, error) {
	if c.incomplete == nil {
		return nil, errors.New("a binary attachment without a packet")
	}
	if c.size += len(payload); c.size > maxAttachedBytes {
		c.incomplete = nil
		return nil, fmt.Errorf("more than %d MiB of attachments", maxAttachedBytes>>20)
	}
	c.attached = append(c.attached, map[string]any{bytesMember: base64.StdEncoding.EncodeToString(payload)})
	if len(c.attached) < c.expected {
		return nil, nil
	}
	value, attached := c.incomplete, c.attached
	*c = socketioCoding{}
	data, err := insertAttachments(value["data"], attached, 0)
	if err != nil {
		return nil, err
	}
	value["data"] = data
	return []record{{value, jsonText(value)}}, nil
}

// insertAttachments replaces placeholders by attachments.
func insertAttachments(value any, attached []any, depth int) (any, error) {
	if depth > maxPlaceholderDepth {
		return nil, errNotSocketIO
	}
	var err error
	switch v := value.(type) {
	case []any:
		for i := range v {
			if v[i], err = insertAttachments(v[i], attached, depth+1); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		if v["_placeholder"] == true {
			n, err := strconv.Atoi(key(v["num"]))
			if err != nil || n < 0 || n >= len(attached) {
				return nil, errNotSocketIO
			}
			return attached[n], nil
		}
		for name := range v {
			if v[name], err = insertAttachments(v[name], attached, depth+1); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

func (c *socketioCoding) encode(value any) ([]Message, error) {
	object, _ := value.(map[string]any)
	name, _ := object["packet"].(string)
	if i := slices.Index(enginePackets, name); i >= 0 && i != engineMessage {
		return []Message{{Data: strconv.AppendInt(nil, int64(i), 10)}}, nil
	}
	kind := slices.Index(socketPackets, name)
	if kind < 0 {
		return nil, fmt.Errorf("coding socketio sends no packet %.40q", name)
	}
	var attached [][]byte
	data := extractAttachments(object["data"], &attached)
	text := []byte{'0' + engineMessage, '0' + byte(kind)}
	if len(attached) > 0 {
		text[1] = '0' + byte(slices.Index(socketPackets[kind+1:], name)+kind+1) // the binary packet type
		text = append(strconv.AppendInt(text, int64(len(attached)), 10), '-')
	}
	if ns, _ := object["ns"].(string); ns != "" && ns != "/" {
		text = append(append(text, ns...), ',')
	}
	if id := object["id"]; id != nil {
		text = append(text, key(id)...)
	}
	if data != nil {
		text = append(text, jsonText(data)...)
	}
	list := []Message{{Data: text}}
	for _, a := range attached {
		list = append(list, Message{Binary: true, Data: a})
	}
	return list, nil
}

// extractAttachments replaces the bytes in a value by placeholders.
func extractAttachments(value any, attached *[][]byte) any {
	if data, ok := bytesOf(value); ok {
		*attached = append(*attached, data)
		return map[string]any{"_placeholder": true, "num": len(*attached) - 1}
	}
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = extractAttachments(v[i], attached)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = extractAttachments(v[name], attached)
		}
		return object
	}
	return value
}
