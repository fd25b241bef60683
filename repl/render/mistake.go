package render

// Mistake is a format, an expression or a template that cannot be used.
type Mistake struct {
	Reason string
	Advice string // what to do instead; may be empty
	Err    error  // what lies beneath; may be nil
}

func (m *Mistake) Error() string { return m.Reason }

// Unwrap returns what lies beneath.
func (m *Mistake) Unwrap() error { return m.Err }

// Kind returns that of a wrong command line.
func (m *Mistake) Kind() string { return "usage" }

// Hint returns what to do instead, or "".
func (m *Mistake) Hint() string { return m.Advice }
