package dial

// UsageError is an option, a URL or a header line that cannot be used. It is returned before anything is dialed.
type UsageError struct {
	Message string
	Hint    string // the next step; "" = no hint, or Reason leads to it
	Reason  Reason // "" = Message and Hint are complete
}

func (e *UsageError) Error() string { return e.Message }

// HintText returns the next step; "" = no hint.
func (e *UsageError) HintText() string { return e.Hint }

// Facts returns the reason of the error; there are no other facts.
func (e *UsageError) Facts() (reason string, facts map[string]string) { return string(e.Reason), nil }
