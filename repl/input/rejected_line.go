package input

import "fmt"

// RejectedLine is input that cannot be sent. All lines before it were delivered, and no line after it is.
type RejectedLine struct {
	Name   string // what was read
	Number int    // the line, from 1; 0 = the input as a whole
	Reason string
	Cause  string // which hint helps: NotUTF8, NotUTF8Chunk, LooksLikeUTF16, LineTooLong; "" = no hint
	Err    error  // the cause; may be nil
}

func (r *RejectedLine) Error() string {
	text := r.Name
	if r.Number > 0 {
		text = fmt.Sprintf("%s: line %d", r.Name, r.Number)
	}
	if r.Err != nil {
		return fmt.Sprintf("%s: %s: %v", text, r.Reason, r.Err)
	}
	return text + ": " + r.Reason
}

// Unwrap returns the cause.
func (r *RejectedLine) Unwrap() error { return r.Err }

// Kind returns the kind of the error event.
func (r *RejectedLine) Kind() string { return "io" }

// Facts returns the cause, for a hint, and no further facts.
func (r *RejectedLine) Facts() (cause string, facts map[string]string) { return r.Cause, nil }

// The causes of a RejectedLine that a hint helps with.
const (
	NotUTF8      = "not-utf8-line"
	NotUTF8Chunk = "not-utf8-chunk"
	LineTooLong  = "line-too-long"

	LooksLikeUTF16 = "looks-like-utf16"
)

const notUTF8 = "a text message must be UTF-8"
