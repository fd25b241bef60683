package script

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Failure is the error when an expected message is not received, or a line cannot be sent.
type Failure struct {
	Name   string   // of the script; "" = the line was typed
	Number int      // of the line, from 1
	Wanted string   // the line, with its references replaced by captures
	Reason string   // why it failed
	Got    []string // the latest messages that were not expected, in order; must be escaped before they are shown
	Err    error    // the error that ended the session before; may be nil
}

func (e *Failure) Error() string {
	text := fmt.Sprintf("%s: %s", shorten(e.Wanted), e.Reason)
	if e.Name == "" {
		return text
	}
	return fmt.Sprintf("%s: line %d: %s", e.Name, e.Number, text)
}

// Unwrap returns the error that ended the session, or nil.
func (e *Failure) Unwrap() error { return e.Err }

// Kind returns the kind of the error event.
func (e *Failure) Kind() string { return "timeout" }

// Received returns what was received instead.
func (e *Failure) Received() []string { return e.Got }

// The bounds of what a failure shows.
const (
	maxShown      = 5
	maxShownBytes = 200 // of each
)

// Expect waits for a message that matches a regular expression, as "< REGEX" in a script does.
func (b *Inbox) Expect(ctx context.Context, pattern string) error {
	expected, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	err = b.await(ctx, -1, func(a Received) bool { return !a.isClose() && expected.Match(a.Data) })
	if errors.Is(err, errNoMatch) {
		return b.failure("/expect "+pattern, b.timeoutReason(-1))
	}
	return err
}

// failure returns the error for an expectation that was not met, with what was received instead.
func (b *Inbox) failure(wanted, reason string) *Failure {
	last, others := b.unconsumed(maxShown)
	f := &Failure{Wanted: wanted, Reason: reason}
	if others > 0 {
		f.Got = append(f.Got, fmt.Sprintf("... (%d before)", others))
	}
	for _, a := range last {
		f.Got = append(f.Got, a.String())
	}
	return f
}

// timeoutReason returns the reason of an expectation that has timed out.
func (b *Inbox) timeoutReason(timeout time.Duration) string {
	if timeout < 0 {
		timeout = b.timeout
	}
	if last, others := b.unconsumed(1); len(last)+others == 0 {
		return fmt.Sprintf("nothing was received within %s", timeout)
	}
	return fmt.Sprintf("no matching message was received within %s", timeout)
}

// String returns what was received, shortened to at most about 200 bytes.
func (a Received) String() string {
	text := shorten(string(a.Data))
	if a.isClose() {
		text = strings.TrimSpace(fmt.Sprintf("Close %d %s", a.Code, text))
	}
	return text
}

// shorten cuts a text that is long.
func shorten(text string) string {
	if len(text) <= maxShownBytes {
		return text
	}
	cut := maxShownBytes
	for cut > maxShownBytes-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:cut], len(text))
}
