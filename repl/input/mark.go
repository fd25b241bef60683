package input

import "bytes"

// mark is the byte order mark of UTF-8.
const mark = "\xef\xbb\xbf"

// TrimMark returns text without a byte order mark at the beginning, which some editors add.
func TrimMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte(mark)) }

// NotUTF8Cause returns the cause of a RejectedLine whose text is not UTF-8.
func NotUTF8Cause(text []byte) string {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return LooksLikeUTF16
	}
	return NotUTF8
}
