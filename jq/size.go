package jq

import (
	"iter"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// The approximate memory of values that functions return, in bytes.
const (
	valueSize     = 16  // of a value in an array
	memberSize    = 64  // of a member of an object
	jsonSize      = 100 // of a value that is parsed
	matchSize     = 600 // of a match
	captureSize   = 400 // of a group of a match
	matchEstimate = matchSize + 5*captureSize
)

// textSize returns the minimum size of a value as JSON.
func textSize(input any, _ []any, limit int64) int64 { return limit - subtractMinLength(input, limit) }

// comparedSize returns the minimum size as JSON of values that are compared: a value may contain another many times.
func comparedSize(_ any, args []any, limit int64) int64 {
	if !isContainer(args[0]) || !isContainer(args[1]) {
		return 0
	}
	return min(textSize(args[0], nil, limit), textSize(args[1], nil, limit))
}

func isContainer(value any) bool {
	switch value.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// subtractedSize returns comparedSize, or the number of comparisons if each value of an array is compared with each of another.
func subtractedSize(_ any, args []any, limit int64) int64 {
	left, _ := args[0].([]any)
	right, _ := args[1].([]any)
	return max(int64(len(left))*int64(len(right)), comparedSize(nil, args, limit))
}

// maxProduct is the maximum length of a product of large integers, in bits. Longer ones take long to calculate and to print.
const maxProduct = 1 << 20

// repeatedSize returns the size of a string that is repeated by an operator, or more than any limit for a product that takes too long.
func repeatedSize(_ any, args []any, _ int64) int64 {
	left, _ := args[0].(*big.Int)
	right, _ := args[1].(*big.Int)
	if left != nil && right != nil && left.BitLen()+right.BitLen() > maxProduct {
		return math.MaxInt64
	}
	for i, arg := range args {
		if text, isText := arg.(string); isText {
			times, _ := gojq.ToFloat64(args[1-i])
			return int64(min(float64(len(text))*times, math.MaxInt64/2))
		}
	}
	return 0
}

// quotientSize returns the size of the parts of a string that is divided by another.
func quotientSize(_ any, args []any, limit int64) int64 { return splitSize(args[0], args[1:], limit) }

// splitSize returns the size of the parts of a string between separators, or of its code points.
func splitSize(input any, args []any, _ int64) int64 {
	text, isText := input.(string)
	separator, _ := args[0].(string)
	if !isText {
		return 0
	}
	return int64(strings.Count(text, separator)) * 2 * valueSize
}

// sumSize returns the size of the sum of an array's values.
func sumSize(input any, _ []any, limit int64) (size int64) {
	for value := range values(input) {
		switch v := value.(type) {
		case string:
			size += int64(len(v))
		case []any:
			size += int64(len(v)) * valueSize
		case map[string]any:
			size += int64(len(v)) * memberSize
		}
		if size > limit {
			break
		}
	}
	return size
}

// joinedSize returns the size of an array's strings with a separator between them.
func joinedSize(input any, args []any, limit int64) int64 {
	array, _ := input.([]any)
	separator, _ := args[0].(string)
	return sumSize(input, nil, limit) + int64(len(array))*int64(len(separator))
}

// values returns an iterator over the values of an array or object; anything else has none.
func values(input any) iter.Seq[any] {
	switch v := input.(type) {
	case []any:
		return slices.Values(v)
	case map[string]any:
		return maps.Values(v)
	}
	return func(func(any) bool) {}
}

// flattenedSize returns the size of an array of all values in arrays within each other, down to the depth of the argument.
func flattenedSize(input any, args []any, limit int64) int64 {
	depth := math.Inf(1)
	if len(args) > 0 {
		depth, _ = gojq.ToFloat64(args[0])
	}
	return flatSize(input, depth, limit)
}

func flatSize(input any, depth float64, limit int64) (size int64) {
	for value := range values(input) {
		if array, isArray := value.([]any); isArray && depth > 0 {
			size += flatSize(array, depth-1, limit-size)
		}
		if size += valueSize; size > limit {
			break
		}
	}
	return size
}

// transposedSize returns the size of a table that has a column for each row, and a row for each value of the longest row.
func transposedSize(input any, _ []any, _ int64) int64 {
	rows, _ := input.([]any)
	maxLength := 0
	for _, row := range rows {
		if array, isArray := row.([]any); isArray {
			maxLength = max(maxLength, len(array))
		}
	}
	return int64(maxLength) * int64(len(rows)) * valueSize
}

// parsedSize returns the size of the values of a JSON text.
func parsedSize(input any, _ []any, limit int64) int64 {
	text, _ := input.(string)
	if int64(objectWeight*len(text)*jsonSize) <= limit {
		return 0
	}
	_, weight := countValues([]byte(text))
	return int64(weight) * jsonSize
}

// matchesSize returns the size of the matches of a regular expression, with the flags of match, in a string.
func matchesSize(input any, args []any, limit int64) int64 {
	text, isText := input.(string)
	expression, flags := args[0], args[1]
	if pair, isArray := expression.([]any); isArray && len(pair) == 2 {
		expression, flags = pair[0], pair[1]
	}
	source, _ := expression.(string)
	flagText, _ := flags.(string)
	if !isText || !strings.Contains(flagText, "g") || int64(utf8.RuneCountInString(text)+1)*matchEstimate <= limit {
		return 0
	}
	var modes string
	if strings.Contains(flagText, "i") {
		modes = "(?i)"
	}
	if strings.Contains(flagText, "m") {
		modes += "(?s)"
	}
	pattern, err := regexp.Compile(modes + source)
	if err != nil {
		return 0 // gojq returns the error
	}
	perMatch := int64(matchSize + captureSize*pattern.NumSubexp())
	return int64(len(pattern.FindAllStringIndex(text, int(limit/perMatch)+1))) * perMatch
}
