package recording

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// script writes a script for wsx run, which sends what the client sent and waits for what it received.
type script struct {
	out      *bufio.Writer
	sessions int
	last     time.Time // time of the latest event
	closed   bool      // a Close was sent or received
	variable *regexp.Regexp
}

func beginScript(out *bufio.Writer, _ Options) writer {
	return &script{out: out, variable: regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)}
}

// The bounds of expectations.
const (
	maxExpected = 1000            // maximum number of bytes of a message that are compared
	maxWait     = 2 * time.Second // a message that was received after a longer delay gets a time limit of its own
)

func (s *script) open(e *Event) error {
	if s.sessions++; s.sessions > 1 {
		return nil
	}
	s.last = e.Time
	fmt.Fprintf(s.out, "# From a recording of %s\n", oneLine(e.URL))
	fmt.Fprintf(s.out, "# Replace whatever differs from run to run: (?P<id>...) in a line that begins with < captures a part of a\n")
	fmt.Fprintf(s.out, "# message, and ${id} in later lines stands for it.\n")
	return nil
}

func (s *script) add(e *Event) error {
	if s.sessions > 1 {
		return nil
	}
	waited := e.Time.Sub(s.last)
	s.last = e.Time
	switch {
	case e.Event == "message":
		data, err := e.Payload()
		if err != nil {
			return err
		}
		if e.Sent() {
			s.send(e.Type, data)
		} else {
			s.expect(waited, data)
		}
	case e.Event == "ping" && e.Sent():
		data, err := e.Payload()
		if err != nil {
			return err
		}
		if isLine(data) {
			fmt.Fprintln(s.out, strings.TrimSpace("/ping "+string(data)))
		}
	case e.Event == "close" && !s.closed:
		s.closed = true
		s.close(e)
	}
	return nil
}

// close writes the first Close of a session. The one that wsx run sends at the end of a script needs no line.
func (s *script) close(e *Event) {
	isDefault := e.code() == 1000 && e.Reason == ""
	switch {
	case e.Sent() && !isDefault:
		fmt.Fprintln(s.out, strings.TrimSpace(fmt.Sprintf("/close %d %s", e.code(), oneLine(e.Reason))))
	case !e.Sent():
		fmt.Fprintf(s.out, "<close %d\n", e.code())
	}
}

// send writes the line that sends a message.
func (s *script) send(kind string, data []byte) {
	if kind == "binary" {
		fmt.Fprintf(s.out, "/hex %s\n", hex.EncodeToString(data))
		return
	}
	text := s.variable.ReplaceAllString(string(data), "$$$0")
	switch {
	case text == "":
		fmt.Fprintln(s.out, ">")
	case isLine(data):
		fmt.Fprintf(s.out, "> %s\n", text)
	default:
		quoted, _ := marshal(text) // never fails for a string
		fmt.Fprintf(s.out, ">json %s\n", quoted)
	}
}

// expect writes the line that waits for a message. For a message that is not UTF-8, it waits for any message, and a comment has the length.
func (s *script) expect(waited time.Duration, data []byte) {
	if !utf8.Valid(data) {
		shown := hex.EncodeToString(data[:min(len(data), 32)])
		fmt.Fprintf(s.out, "# a binary message of %d bytes: %s\n", len(data), shown)
		fmt.Fprintf(s.out, "<%s\n", timeLimit(waited))
		return
	}
	end := "$"
	if len(data) > maxExpected {
		data, end = bytes.ToValidUTF8(data[:maxExpected], nil), "" // without a rune that was cut
	}
	fmt.Fprintf(s.out, "<%s ^%s%s\n", timeLimit(waited), quotePattern(string(data)), end)
}

// timeLimit returns the time limit of an expectation for a recorded delay; "" = the default.
func timeLimit(waited time.Duration) string {
	if waited <= maxWait {
		return ""
	}
	return fmt.Sprintf("%ds", int(math.Ceil(2*waited.Seconds())))
}

// quotePattern returns a regular expression of one line that matches a text.
func quotePattern(text string) string {
	var b strings.Builder
	for _, r := range regexp.QuoteMeta(text) {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			fmt.Fprintf(&b, `\x{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isLine reports whether a text can be written to a line unchanged.
func isLine(text []byte) bool {
	return utf8.Valid(text) && !bytes.ContainsFunc(text, unicode.IsControl)
}

// oneLine returns a text without line ends.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

func (s *script) end() (note string, err error) {
	if s.sessions > 1 {
		note = fmt.Sprintf("a script holds one session: %d more left out", s.sessions-1)
	}
	return note, nil
}
