package dialect

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// jsonText returns a value as compact JSON.
func jsonText(value any) []byte {
	text, err := gojq.Marshal(value)
	if err != nil {
		return []byte("null")
	}
	return text
}

// AppendValue appends a value as compact JSON.
func AppendValue(dst []byte, value any) []byte { return append(dst, jsonText(value)...) }

// key returns an id in the form by which requests and replies are matched: 7, "7" and 7.0 are the same.
func key(id any) string {
	switch v := id.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
	case fmt.Stringer: // a number as text
		return v.String()
	}
	return string(jsonText(id))
}

// intOf returns a number as an int.
func intOf(v any) int {
	n, _ := strconv.ParseFloat(key(v), 64)
	return int(n)
}

// text returns a string unchanged, and anything else as JSON.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(jsonText(v))
}

// bytesMember is the only member of an object that represents bytes, in base64.
const bytesMember = "base64"

// bytesOf returns the bytes that a value like {"base64": "..."} represents.
func bytesOf(value any) ([]byte, bool) {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return nil, false
	}
	text, ok := object[bytesMember].(string)
	if !ok {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return data, err == nil
}

// bytesValue returns bytes as text if they are UTF-8, else as an object that represents them.
func bytesValue(data []byte) any {
	if utf8.Valid(data) {
		return string(data)
	}
	return map[string]any{bytesMember: base64.StdEncoding.EncodeToString(data)}
}
