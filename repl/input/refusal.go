package input

import "fmt"

// RejectedLine is input that cannot be said. All before it was delivered, and nothing after it is.
type RejectedLine struct {
	Name   string // what was read
	Number int    // the line, from 1; 0 = the input as a whole
	Reason string
	Advice string // what to do next; may be empty
	Err    error  // what lies beneath; may be nil
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

// Unwrap returns what lies beneath.
func (r *RejectedLine) Unwrap() error { return r.Err }

// Kind is that of a file that failed here.
func (r *RejectedLine) Kind() string { return "io" }

// Hint is what to do next, or "".
func (r *RejectedLine) Hint() string { return r.Advice }

const (
	notUTF8    = "a text message must be UTF-8, and this is not"
	sendBinary = "send it as binary: --binary"
)
