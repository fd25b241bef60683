package dialect

import "fmt"

// UsageError is a wrong use of a dialect: an option, a verb or an argument.
type UsageError struct {
	Message string
	Hint    string // what to do instead; "" = none, or Options leads to it
	Options string // the dialect whose options are wrong; "" = another error
}

func (e *UsageError) Error() string { return e.Message }

// Kind returns the kind of the error event.
func (e *UsageError) Kind() string { return "usage" }

// HintText returns what to do instead, or "".
func (e *UsageError) HintText() string { return e.Hint }

// Facts returns the facts that a hint depends on.
func (e *UsageError) Facts() (reason string, facts map[string]string) {
	if e.Options != "" {
		reason = "dialect-options"
	}
	return reason, map[string]string{"dialect": e.Options}
}

// LoginError is the refusal of the login of a dialect, or of one of its verbs.
type LoginError struct {
	Dialect string
	What    string // "login", or the verb
	Why     string
}

func (e *LoginError) Error() string {
	return fmt.Sprintf("%s: %s refused: %s", e.Dialect, e.What, e.Why)
}

// Kind returns the kind of the error event.
func (e *LoginError) Kind() string { return "handshake" }

// FileError is an error in a file, and its place.
type FileError struct {
	At     string // FILE:LINE
	Reason string
	Hint   string // what to write instead; may be empty
}

func (e *FileError) Error() string { return e.At + ": " + e.Reason }

// Kind returns the kind of the error event.
func (e *FileError) Kind() string { return "usage" }

// HintText returns what to write instead, or "".
func (e *FileError) HintText() string { return e.Hint }

// RunError is the error of an expression for a message.
type RunError struct {
	At     string // FILE:LINE
	Reason string
}

func (e *RunError) Error() string { return e.At + ": " + e.Reason }
