// Package daemon keeps sessions open between commands. Each has a process, which serves it to other processes of the same user
// at a socket of the file system: what they send goes to the server, and what the server sends is kept until they read it.
package daemon

import (
	"fmt"
	"regexp"
	"strings"
)

// Version is the version of what is spoken at the socket.
const Version = 1

// The states of a session.
const (
	StateOpen         = "open"
	StateReconnecting = "reconnecting"
	StateClosed       = "closed" // it has ended, and can still be read
)

// DefaultReader is the reader that an unnamed command is.
const DefaultReader = "default"

var nameForm = regexp.MustCompile(`^[a-z0-9_.-]{1,64}$`)

// NameError is a name that no session or reader can have.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%.80q is no name: 1 to 64 of a-z, 0-9, _ . - are", e.Name)
}

// CheckName returns what is wrong with the name of a session or of a reader.
func CheckName(name string) error {
	if !nameForm.MatchString(name) || strings.Trim(name, ".") == "" {
		return &NameError{name}
	}
	return nil
}

// UnknownError is a session that does not exist.
type UnknownError struct {
	Name  string
	Known []string // the sessions there are
	Stale bool     // its process was killed
}

func (e *UnknownError) Error() string {
	if e.Stale {
		return fmt.Sprintf("session %s: its process has gone without closing it", e.Name)
	}
	return "there is no session " + e.Name
}

// TakenError is a name that a session has already.
type TakenError struct{ Name string }

func (e *TakenError) Error() string { return "there is a session " + e.Name + " already" }

// EndError is how a session ended that another process had.
type EndError struct {
	Exit    int    // the exit code that it calls for
	Class   string // the kind of the error event; "" = there was none
	Message string
	Advice  string // the hint that came with it; "" = none
}

func (e *EndError) Error() string { return e.Message }

// Kind is the kind of the error event.
func (e *EndError) Kind() string { return e.Class }

// Hint is what to do next.
func (e *EndError) Hint() string { return e.Advice }

// GoneError is a process of a session that ended without telling how.
type GoneError struct{ Name string }

func (e *GoneError) Error() string {
	return fmt.Sprintf("session %s: its process ended before it could tell how", e.Name)
}

// Kind is the kind of the error event.
func (e *GoneError) Kind() string { return "lost" }
