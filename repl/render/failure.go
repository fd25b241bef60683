package render

import (
	"errors"
	"strings"
	"wsx/client/dial"
)

// ErrorKind returns what an error event calls the error: usage, connect, tls, handshake, protocol, close,
// lost, timeout or io, which is also the kind of errors that say nothing about themselves.
func ErrorKind(err error) string {
	var usage *dial.UsageError
	var dial *dial.Error
	var other interface{ Kind() string }
	switch {
	case errors.As(err, &usage):
		return "usage"
	case errors.As(err, &dial):
		return string(dial.Kind)
	case errors.As(err, &other):
		return other.Kind()
	}
	return "io"
}

// Hint returns what to do next, or "".
func Hint(err error) string {
	var usage *dial.UsageError
	var dial *dial.Error
	var other interface{ Hint() string }
	switch {
	case errors.As(err, &usage):
		return usage.Hint
	case errors.As(err, &dial):
		return dial.Hint
	case errors.As(err, &other):
		return other.Hint()
	}
	return ""
}

// AppendFailure appends an error as the person at the other end of standard error reads it: one line that
// says what failed, what the server said instead of what was expected, and a line with a hint where there is one.
func AppendFailure(dst []byte, err error, theme Theme) []byte {
	dst = theme.Error.append(dst, "wsx:")
	dst = append(SanitizeLine(append(dst, ' '), err.Error()), '\n')
	var dial *dial.Error
	if errors.As(err, &dial) && dial.Refusal != nil {
		dst = appendRefusal(dst, dial.Refusal, theme)
	}
	var failed interface{ Received() []string }
	if errors.As(err, &failed) {
		dst = appendReceived(dst, failed.Received(), theme)
	}
	if hint := Hint(err); hint != "" {
		dst = theme.Hint.append(dst, "hint:")
		dst = append(SanitizeLine(append(dst, ' '), hint), '\n')
	}
	return dst
}

// appendReceived appends what was received, line by line.
func appendReceived(dst []byte, texts []string, theme Theme) []byte {
	for _, text := range texts {
		dst = theme.In.append(dst, "<")
		dst = append(SanitizeLine(append(dst, ' '), text), '\n')
	}
	return dst
}

// appendRefusal appends what was answered instead of an upgrade.
func appendRefusal(dst []byte, r *dial.Refusal, theme Theme) []byte {
	dst = appendReceived(dst, append([]string{r.StatusLine}, r.Explaining...), theme)
	body := strings.ReplaceAll(string(r.Body), "\r\n", "\n")
	body = strings.TrimRight(body, "\n")
	if body == "" {
		return dst
	}
	for line := range strings.SplitSeq(body, "\n") {
		dst = theme.Dim.append(dst, "|")
		dst = append(Sanitize(append(dst, ' '), []byte(line)), '\n')
	}
	return dst
}

// valid replaces what is not UTF-8, for texts that are not a payload.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }
