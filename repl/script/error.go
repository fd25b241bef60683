package script

import (
	"errors"
	"fmt"
)

// SyntaxError is an invalid line of a script.
type SyntaxError struct {
	Name   string // of the script
	Number int    // of the line, from 1
	Reason string
	Hint   string // what to write instead; may be empty
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: line %d: %s", e.Name, e.Number, e.Reason)
}

// Kind returns the kind of the error event.
func (e *SyntaxError) Kind() string { return "usage" }

// HintText returns what to write instead, or "".
func (e *SyntaxError) HintText() string { return e.Hint }

// syntaxError returns a *SyntaxError for a line.
func syntaxError(name string, number int, err error) error {
	if hinted, ok := errors.AsType[*hintedError](err); ok {
		return &SyntaxError{name, number, hinted.reason, hinted.hint}
	}
	return &SyntaxError{name, number, err.Error(), ""}
}

// hintedError is an error with a hint what to write instead.
type hintedError struct{ reason, hint string }

func (e *hintedError) Error() string { return e.reason }
