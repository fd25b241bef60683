package render

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"wsx/client/dial"

	"golang.org/x/net/html"
)

// ErrorKind returns the kind of an error in error events: usage, connect, tls, handshake, protocol, close, lost, timeout or io.
// Errors without a kind are io.
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

// Hinter returns what to do about an error, "" if there is no hint.
type Hinter func(error) string

// Hint returns the hint for an error; "" = no hint. A nil Hinter returns the error's own hint.
func (h Hinter) Hint(err error) string {
	if h != nil {
		return h(err)
	}
	var hinted interface{ HintText() string }
	if errors.As(err, &hinted) {
		return hinted.HintText()
	}
	return ""
}

// AppendFailure appends an error for standard error: one line with what failed, what the server sent instead of what was expected,
// and a line with a hint if there is one.
func AppendFailure(dst []byte, err error, hinter Hinter, theme Theme) []byte {
	return appendFailure(dst, err, hinter, theme, false)
}

// appendFailure is AppendFailure; with whole the body of a refusal is not shortened.
func appendFailure(dst []byte, err error, hinter Hinter, theme Theme, whole bool) []byte {
	dst = appendSigned(dst, theme.Error, "wsx:", err.Error())
	if dial, ok := errors.AsType[*dial.Error](err); ok && dial.Refusal != nil {
		dst = appendRefusal(dst, dial.Refusal, theme, whole)
	}
	var failed interface{ Received() []string }
	if errors.As(err, &failed) {
		dst = appendSigned(dst, theme.In, "<", failed.Received()...)
	}
	if hint := hinter.Hint(err); hint != "" {
		dst = appendSigned(dst, theme.Hint, "hint:", hint)
	}
	return dst
}

// appendSigned appends lines, each after a sign.
func appendSigned(dst []byte, style Style, sign string, lines ...string) []byte {
	for _, line := range lines {
		dst = append(style.append(dst, sign), ' ')
		dst = append(SanitizeLine(dst, line), '\n')
	}
	return dst
}

// appendRefusal appends the response that was received instead of an upgrade.
func appendRefusal(dst []byte, r *dial.Refusal, theme Theme, whole bool) []byte {
	dst = appendSigned(dst, theme.In, "<", r.StatusLine)
	dst = appendSigned(dst, theme.In, "<", r.Explaining...)
	for _, line := range refusalLines(r, whole) {
		dst = theme.Dim.append(dst, "|")
		dst = append(Sanitize(append(dst, ' '), []byte(line)), '\n')
	}
	return dst
}

// maxRefusalLines is how many lines of a refusal's body are shown.
const maxRefusalLines = 10

// refusalLines returns the lines of the body to show: all of it with whole, else of HTML the title and the text, and no more than
// a screen has room for.
func refusalLines(r *dial.Refusal, whole bool) []string {
	text := strings.ReplaceAll(string(r.Body), "\r\n", "\n")
	if !whole && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		text = htmlText(r.Body)
	}
	if text = strings.TrimRight(text, "\n"); text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	if more := len(lines) - maxRefusalLines; !whole && more > 0 {
		lines = append(lines[:maxRefusalLines], fmt.Sprintf("… (%d more lines)", more))
	}
	return lines
}

// htmlText returns the text of a page: a line for each run of text, without scripts and styles.
func htmlText(page []byte) string {
	var lines []string
	skipped := 0 // open elements whose text is not for people
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := tokens.Next()
		name, _ := tokens.TagName()
		invisible := string(name) == "script" || string(name) == "style"
		switch {
		case kind == html.ErrorToken:
			return strings.Join(lines, "\n")
		case kind == html.StartTagToken && invisible:
			skipped++
		case kind == html.EndTagToken && invisible:
			skipped = max(0, skipped-1)
		case kind == html.TextToken && skipped == 0:
			if text := strings.Join(strings.Fields(string(tokens.Text())), " "); text != "" {
				lines = append(lines, text)
			}
		}
	}
}

// valid replaces bytes that are not UTF-8, for texts that are not payloads.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }
