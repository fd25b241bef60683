package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

func decodeJSON(w *writer, payload []byte) error {
	if !json.Valid(payload) {
		var raw json.RawMessage
		return json.Unmarshal(payload, &raw) // returns the error
	}
	w.rawBytes(payload)
	w.end()
	return nil
}

func encodeJSON(text []byte) ([]byte, error) {
	if !json.Valid(text) {
		return nil, errors.New("not JSON")
	}
	return text, nil
}

// parse parses JSON. Numbers are kept as text.
func parse(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errors.New("not JSON: " + err.Error())
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("not JSON: more data follows the value")
	}
	return value, nil
}

// bytesOf returns the bytes that an object represents, and reports whether it represents bytes.
func bytesOf(object map[string]any) (data []byte, ok bool) {
	text, ok := object[bytesMember].(string)
	if !ok || len(object) != 1 {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return data, err == nil
}

// contentOf returns the bytes of content: those of a string, those that an object represents, or the JSON itself.
func contentOf(text json.RawMessage) ([]byte, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	value, err := parse(text)
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case string:
		return []byte(v), nil
	case map[string]any:
		if data, ok := bytesOf(v); ok {
			return data, nil
		}
	}
	return text, nil
}

// unmarshal decodes JSON into a struct. Unknown members are an error.
func unmarshal(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if decoder.More() {
		return errors.New("more data follows the value")
	}
	return nil
}
