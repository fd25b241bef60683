package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
)

func decodeJSON(payload []byte) ([]byte, error) {
	if !json.Valid(payload) {
		return nil, errors.New("not JSON")
	}
	return payload, nil
}

func encodeJSON(text []byte) ([]byte, error) { return decodeJSON(text) }

// parse reads JSON. Its numbers stay the text they are.
func parse(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errors.New("not JSON: " + err.Error())
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("not JSON: more follows the value")
	}
	return value, nil
}

// appendString appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, text string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) != nil { // a string always has an encoding
		return append(dst, `""`...)
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// bytesMember is the name of the only member of an object that stands for bytes, as JSON has none.
const bytesMember = "base64"

func appendBytes(dst, data []byte) []byte {
	dst = append(dst, `{"`+bytesMember+`":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(dst, `"}`...)
}

// bytesOf returns the bytes that an object stands for, if it does.
func bytesOf(object map[string]any) (data []byte, ok bool) {
	text, ok := object[bytesMember].(string)
	if !ok || len(object) != 1 {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return data, err == nil
}

// appendFloat appends a number; JSON has no other way than a string for those that are none.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(strconv.AppendFloat(append(dst, '"'), f, 'g', -1, bits), '"')
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// appendKey appends the JSON of a map's key as the name of a member: a string as it is, anything else as its
// JSON in a string.
func appendKey(dst, key []byte) []byte {
	if len(key) > 0 && key[0] == '"' {
		return append(append(dst, key...), ':')
	}
	return append(appendString(dst, string(key)), ':')
}
