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

// subtractMinLength subtracts the minimum length of a value as JSON from the bytes left, and stops once that is negative.
func subtractMinLength(value any, left int64) int64 {
	left--
	switch v := value.(type) {
	case string:
		left -= int64(len(v)) + 1
	case []any:
		for i := 0; i < len(v) && left >= 0; i++ {
			left = subtractMinLength(v[i], left)
		}
	case map[string]any:
		for name, member := range v {
			if left -= int64(len(name)) + 3; left < 0 {
				break
			}
			left = subtractMinLength(member, left)
		}
	}
	return left
}
