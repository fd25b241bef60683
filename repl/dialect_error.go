package repl

import "fmt"

// ReplyError is an error reply to a verb, or a server that closed before the reply.
type ReplyError struct{ Name, Text string }

func (e *ReplyError) Error() string { return e.Name + ": " + e.Text }

// Kind returns the kind of the error event.
func (e *ReplyError) Kind() string { return "close" }

// NotLoggedInError is the error when a session ends while verbs wait for the login of the dialect.
type NotLoggedInError struct {
	Name  string // of the dialect
	Verbs int
}

func (e *NotLoggedInError) Error() string {
	verbs := "verb was"
	if e.Verbs > 1 {
		verbs = "verbs were"
	}
	return fmt.Sprintf("%s: the session ended before the login was complete; %d %s not sent", e.Name, e.Verbs, verbs)
}

// Kind returns the kind of the error event.
func (e *NotLoggedInError) Kind() string { return "handshake" }

// StatusError is the exit code, not 0, of a program that the server ran.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("the remote program ended with exit code %d", e.Code)
}

// Kind returns the kind of the error event.
func (e *StatusError) Kind() string { return "io" }
