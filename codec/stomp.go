package codec

import (
	"errors"
	"strings"
)

// decodeSTOMP reads a frame of STOMP 1.2: a command, headers, a body that ends with NUL. A heartbeat is a
// newline.
func decodeSTOMP(payload []byte) ([]byte, error) {
	text := strings.ReplaceAll(string(payload), "\r\n", "\n")
	if strings.Trim(text, "\n") == "" && text != "" {
		return []byte(`{"command":"heartbeat"}`), nil
	}
	head, body, found := strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
	end := strings.LastIndexByte(body, 0)
	if !found || end < 0 {
		return nil, errCut
	}
	lines := strings.Split(head, "\n")
	dst := appendString([]byte(`{"command":`), lines[0])
	dst = append(dst, `,"headers":{`...)
	for i, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, errors.New("a header without a colon")
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, unescapeSTOMP(name)), ':')
		dst = appendString(dst, unescapeSTOMP(value))
	}
	dst = append(dst, `},"body":`...)
	return append(appendContent(dst, []byte(body[:end])), '}'), nil
}

func unescapeSTOMP(text string) string {
	return strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\c`, ":", `\\`, `\`).Replace(text)
}

// appendContent appends what a payload carries: JSON as it is, text, or bytes.
func appendContent(dst, data []byte) []byte {
	switch {
	case isDocument(data):
		return append(dst, data...)
	case isText(data):
		return appendString(dst, string(data))
	}
	return appendBytes(dst, data)
}
