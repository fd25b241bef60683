package codec

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// The standard streams of Kubernetes' exec and attach, and the channel that closes another channel (v5).
const (
	k8sStdin  = 0
	k8sStdout = 1
	k8sStderr = 2
	k8sClose  = 255
)

// k8sChannel returns the name of a channel, "" if it has none.
func k8sChannel(channel byte) string {
	switch channel {
	case k8sStdin:
		return "stdin"
	case k8sStdout:
		return "stdout"
	case k8sStderr:
		return "stderr"
	case 3:
		return "error"
	case 4:
		return "resize"
	case k8sClose:
		return "close"
	}
	return ""
}

// k8sDecoder decodes messages whose first byte names a channel: a number in binary messages, a digit before base64 in
// text ones (base64.channel.k8s.io).
type k8sDecoder struct{}

func newK8s(Options) sessionDecoder { return k8sDecoder{} }

func (k8sDecoder) decode(w *writer, m Message) error {
	if len(m.Data) == 0 {
		return errCut
	}
	channel, data := m.Data[0], m.Data[1:]
	if m.Text {
		if channel < '0' || channel > '9' {
			return errors.New("a text message that does not begin with the digit of a channel")
		}
		decoded, err := base64.StdEncoding.AppendDecode(nil, data)
		if err != nil {
			return errors.New("a text message that is not base64")
		}
		channel, data = channel-'0', decoded
	}
	return w.write(len(data), func() error { return writeK8s(w, channel, data) })
}

func writeK8s(w *writer, channel byte, data []byte) error {
	w.byte('{')
	w.member("channel")
	w.uint(uint64(channel))
	if name := k8sChannel(channel); name != "" {
		w.byte(',')
		w.member("name")
		w.quote([]byte(name))
	}
	w.byte(',')
	w.member("data")
	switch {
	case channel == k8sClose && len(data) == 1:
		w.uint(uint64(data[0]))
	case channel > k8sStderr:
		w.content(data)
	case utf8.Valid(data): // escape sequences of a terminal are text here
		w.quote(data)
	default:
		w.bytes(data)
	}
	w.byte('}')
	w.end()
	return w.value()
}

func (k8sDecoder) pending(bool) int { return 0 }

func (k8sDecoder) close() {}

// encodeK8s encodes a channel, by number or name, and its data: a string, bytes, or JSON.
func encodeK8s(text []byte) ([]byte, error) {
	var message struct {
		Channel *int            `json:"channel"`
		Name    string          `json:"name"`
		Data    json.RawMessage `json:"data"`
	}
	if err := unmarshal(text, &message); err != nil {
		return nil, err
	}
	channel := -1
	if message.Channel != nil {
		channel = *message.Channel
	}
	for c := 0; c <= k8sClose && message.Channel == nil && message.Name != ""; c++ {
		if k8sChannel(byte(c)) == message.Name {
			channel = c
		}
	}
	if channel < 0 || channel > k8sClose {
		return nil, errors.New(`a message needs a "channel" from 0 to 255, or the "name" of a channel`)
	}
	if channel == k8sClose {
		var closed byte
		if err := json.Unmarshal(message.Data, &closed); err != nil {
			return nil, fmt.Errorf("channel %d must carry a channel number from 0 to 255", k8sClose)
		}
		return []byte{k8sClose, closed}, nil
	}
	data, err := contentOf(message.Data)
	if err != nil {
		return nil, err
	}
	return append([]byte{byte(channel)}, data...), nil
}
