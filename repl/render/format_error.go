package render

// FormatError is a format, an expression or a template that cannot be used.
type FormatError struct {
	Reason string
	Advice string // what to do instead; may be empty
	Err    error  // the cause; nil = Reason is complete
}

func (m *FormatError) Error() string { return m.Reason }

// Unwrap returns the cause.
func (m *FormatError) Unwrap() error { return m.Err }

// Kind returns the kind of the error event.
func (m *FormatError) Kind() string { return "usage" }

// Hint returns what to do instead, or "".
func (m *FormatError) Hint() string { return m.Advice }
