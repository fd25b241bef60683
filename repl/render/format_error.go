package render

// FormatError is a format, an expression or a template that cannot be used.
type FormatError struct {
	Reason string
	Advice string // what to do instead; may be empty
	Err    error  // what lies beneath; may be nil
}

func (m *FormatError) Error() string { return m.Reason }

// Unwrap returns what lies beneath.
func (m *FormatError) Unwrap() error { return m.Err }

// Kind returns that of a wrong command line.
func (m *FormatError) Kind() string { return "usage" }

// Hint returns what to do instead, or "".
func (m *FormatError) Hint() string { return m.Advice }
