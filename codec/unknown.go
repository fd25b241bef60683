package codec

import "strconv"

// appendUnknown appends the JSON of a message whose schema is not known, as one is shown whose schema knows no field.
func appendUnknown(dst, data []byte, depth int) ([]byte, error) {
	return (&message{}).append(dst, data, depth)
}

// appendGuessed appends a value by what it looks like: text, a message, else bytes or a number.
func appendGuessed(dst []byte, f field, depth int) []byte {
	switch f.wireType {
	case wireLen:
		if isText(f.value) {
			return appendString(dst, string(f.value))
		}
		if text, err := appendUnknown(nil, f.value, depth+1); err == nil {
			return append(dst, text...)
		}
		return appendBytes(dst, f.value)
	case wireStartGroup:
		if text, err := appendUnknown(nil, f.value, depth+1); err == nil {
			return append(dst, text...)
		}
		return appendBytes(dst, f.value)
	}
	return strconv.AppendUint(dst, f.unsigned(), 10)
}
