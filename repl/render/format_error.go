package render

// FormatError is a format, an expression or a template that cannot be used.
type FormatError struct {
	Reason string
	Hint   string // what to do instead; may be empty
	Err    error  // the cause; nil = Reason is complete
}

func (e *FormatError) Error() string { return e.Reason }

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// Kind returns the kind of the error event.
func (e *FormatError) Kind() string { return "usage" }

// HintText returns what to do instead, or "".
func (e *FormatError) HintText() string { return e.Hint }
