package jq

import (
	"errors"

	"github.com/itchyny/gojq"
)

// ErrTooLong is returned for a result that is too long.
var ErrTooLong = errors.New("the results are longer than 8 times the largest message")

// Marshal returns a result as compact JSON, or ErrTooLong if that would be longer than maxBytes; 0 = no limit. The JSON of a
// few values that contain each other many times may not fit into memory.
func Marshal(result any, maxBytes int64) ([]byte, error) {
	if maxBytes > 0 && subtractMinLength(result, maxBytes) < 0 {
		return nil, ErrTooLong
	}
	return gojq.Marshal(result)
}

// subtractMinLength subtracts the minimum length of a value as JSON from the bytes left, and stops when the result is negative.
func subtractMinLength(value any, remaining int64) int64 {
	remaining--
	switch v := value.(type) {
	case string:
		remaining -= int64(len(v)) + 1
	case []any:
		for i := 0; i < len(v) && remaining >= 0; i++ {
			remaining = subtractMinLength(v[i], remaining)
		}
	case map[string]any:
		for name, member := range v {
			if remaining -= int64(len(name)) + 3; remaining < 0 {
				break
			}
			remaining = subtractMinLength(member, remaining)
		}
	}
	return remaining
}
