package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxHeaders is the maximum number of headers of a STOMP frame.
const maxHeaders = 10_000

// decodeSTOMP decodes the frames of a message (STOMP 1.2): each a command, headers, and a body that ends with NUL. Line ends between
// frames are heartbeats, which are shown only if the message has no frame.
func decodeSTOMP(w *writer, payload []byte) error {
	if len(payload) == 0 {
		return errCut
	}
	data := trimLineEnds(payload)
	if len(data) == 0 {
		w.raw(`{"command":"heartbeat"}`)
		w.end()
		return w.value()
	}
	for len(data) > 0 {
		rest, err := stompFrame(w, data)
		if err != nil {
			return err
		}
		w.end()
		data = trimLineEnds(rest)
	}
	return nil
}

func trimLineEnds(data []byte) []byte { return bytes.TrimLeft(data, "\r\n") }

// stompFrame writes the frame at the beginning of data, and returns the rest.
func stompFrame(w *writer, data []byte) (rest []byte, err error) {
	command, data, err := stompLine(data)
	if err != nil {
		return nil, err
	}
	if err := w.value(); err != nil {
		return nil, err
	}
	w.byte('{')
	w.member("command")
	w.quote(command)
	w.byte(',')
	w.member("headers")
	length, data, err := stompHeaders(w, data, !isSTOMPConnect(string(command)))
	if err != nil {
		return nil, err
	}
	body, rest, err := stompBody(data, length)
	if err != nil {
		return nil, err
	}
	w.byte(',')
	w.member("body")
	w.content(body)
	w.byte('}')
	return rest, nil
}

// stompLine reads a line.
func stompLine(data []byte) (line, rest []byte, err error) {
	line, rest, found := bytes.Cut(data, []byte{'\n'})
	if !found {
		return nil, nil, errCut
	}
	return bytes.TrimSuffix(line, []byte{'\r'}), rest, nil
}

// isSTOMPConnect reports whether a command opens a session. Headers of these frames are not escaped, for STOMP 1.0.
func isSTOMPConnect(command string) bool { return command == "CONNECT" || command == "CONNECTED" }

// stompHeaders writes the headers and returns the content length; -1 = there is no content-length header. Of several headers with
// the same name, the first is used.
func stompHeaders(w *writer, data []byte, escaped bool) (length int, rest []byte, err error) {
	length = -1
	seen := map[string]bool{}
	w.byte('{')
	for {
		var line []byte
		if line, data, err = stompLine(data); err != nil {
			return 0, nil, err
		}
		if len(line) == 0 {
			w.byte('}')
			return length, data, nil
		}
		name, value, found := bytes.Cut(line, []byte{':'})
		if !found {
			return 0, nil, errors.New("a header without a colon")
		}
		if escaped {
			name, value = unescapeSTOMP(name), unescapeSTOMP(value)
		}
		if seen[string(name)] {
			continue
		}
		if len(seen) == maxHeaders {
			return 0, nil, fmt.Errorf("more than %d headers", maxHeaders)
		}
		if len(seen) > 0 {
			w.byte(',')
		}
		seen[string(name)] = true
		if string(name) == "content-length" {
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, nil, fmt.Errorf("the content-length %.20q", value)
			}
		}
		w.quote(name)
		w.byte(':')
		w.quote(value)
		if err := w.value(); err != nil {
			return 0, nil, err
		}
	}
}

// stompBody splits off the body, which ends with NUL; with a length of -1, at the first NUL.
func stompBody(data []byte, length int) (body, rest []byte, err error) {
	if length < 0 {
		length = bytes.IndexByte(data, 0)
	}
	switch {
	case length < 0, length >= len(data):
		return nil, nil, errCut
	case data[length] != 0:
		return nil, nil, errors.New("no NUL after the body")
	}
	return data[:length], data[length+1:], nil
}

// unescapeSTOMP replaces the escapes of a header (STOMP 1.2, Value Encoding). It keeps unknown ones.
func unescapeSTOMP(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			if k := strings.IndexByte(`rnc\`, text[i+1]); k >= 0 {
				plain = append(plain, "\r\n:\\"[k])
				i++
				continue
			}
		}
		plain = append(plain, text[i])
	}
	return plain
}

// stompJSON is a frame as JSON.
type stompJSON struct {
	Command string          `json:"command"`
	Headers map[string]any  `json:"headers"`
	Body    json.RawMessage `json:"body"`
}

// encodeSTOMP encodes a frame, or a heartbeat for the command "heartbeat". It sorts the headers.
func encodeSTOMP(text []byte) ([]byte, error) {
	var frame stompJSON
	if err := unmarshal(text, &frame); err != nil {
		return nil, err
	}
	switch {
	case frame.Command == "heartbeat":
		return []byte{'\n'}, nil
	case frame.Command == "" || strings.ContainsAny(frame.Command, "\r\n\x00:"):
		return nil, errors.New(`a STOMP frame needs a "command"`)
	}
	body, err := contentOf(frame.Body)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(body) {
		return nil, errors.New("a body that is not UTF-8 cannot be sent as text")
	}
	dst := append([]byte(frame.Command), '\n')
	for _, name := range slices.Sorted(maps.Keys(frame.Headers)) {
		value, err := headerValue(frame.Headers[name])
		if err != nil {
			return nil, fmt.Errorf("the header %q: %w", name, err)
		}
		if !isSTOMPConnect(frame.Command) {
			name, value = escapeSTOMP(name), escapeSTOMP(value)
		} else if strings.ContainsAny(name+value, "\r\n\x00") || strings.Contains(name, ":") {
			return nil, fmt.Errorf("the header %q cannot be escaped in %s", name, frame.Command)
		}
		dst = append(append(append(append(dst, name...), ':'), value...), '\n')
	}
	if _, given := frame.Headers["content-length"]; !given && bytes.IndexByte(body, 0) >= 0 {
		dst = fmt.Appendf(dst, "content-length:%d\n", len(body))
	}
	return append(append(append(dst, '\n'), body...), 0), nil
}

// headerValue returns a header's value as text.
func headerValue(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", errors.New("expected a string or a number")
}

func escapeSTOMP(text string) string {
	return strings.NewReplacer("\\", `\\`, "\r", `\r`, "\n", `\n`, ":", `\c`).Replace(text)
}
