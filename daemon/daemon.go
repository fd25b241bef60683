// Package daemon keeps sessions open between commands. Each has a process, which serves it to other processes of the same user
// at a socket of the file system: what they send goes to the server, and what the server sends is kept until they read it.
package daemon

import (
	"fmt"
	"strings"
	"time"
)

// Version is the version of what is spoken at the socket.
const Version = 1

// The states of a session.
const (
	StateOpen         = "open"
	StateReconnecting = "reconnecting"
	StateClosed       = "closed"       // it has ended, and can still be read
	StateUnresponsive = "unresponsive" // its process does not answer
)

// DefaultReader is the reader that a command is which names none.
const DefaultReader = "default"

// The form of names.
const (
	nameBytes   = "abcdefghijklmnopqrstuvwxyz0123456789_.-"
	longestName = 64 // bytes
)

// NameError is a name that no session or reader can have.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("invalid session name %.80q: use 1 to 64 characters of a-z, 0-9, _ . -", e.Name)
}

// CheckName returns what is wrong with the name of a session or of a reader.
func CheckName(name string) error {
	if len(name) > longestName || strings.Trim(name, nameBytes) != "" || strings.Trim(name, ".") == "" {
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
		return fmt.Sprintf("session %s: its process ended without closing the session", e.Name)
	}
	return "there is no session " + e.Name
}

// TakenError is a name that a session has already.
type TakenError struct{ Name string }

func (e *TakenError) Error() string { return "there is already a session " + e.Name + " already" }

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

// UnresponsiveError is a process of a session that does not answer, as one that was stopped.
type UnresponsiveError struct {
	Name string
	PID  int           // 0 = it is not known
	For  time.Duration // how long it was waited for
}

func (e *UnresponsiveError) Error() string {
	process := "its process"
	if e.PID > 0 {
		process = fmt.Sprintf("its process %d", e.PID)
	}
	return fmt.Sprintf("session %s: %s has not answered for %s", e.Name, process, e.For)
}

// Kind is the kind of the error event.
func (e *UnresponsiveError) Kind() string { return "timeout" }

// LongPathError is a socket whose path is longer than systems allow.
type LongPathError struct{ Path string }

func (e *LongPathError) Error() string {
	return fmt.Sprintf("the path of the socket is too long: %s has %d bytes, at most %d are allowed", e.Path, len(e.Path), maxSocketPath)
}

// GoneError is a process of a session that ended without telling how.
type GoneError struct {
	Name   string
	Signal string // that ended it; "" = that is not known
}

func (e *GoneError) Error() string {
	if e.Signal != "" {
		return fmt.Sprintf("session %s: its process was ended by a signal: %s", e.Name, e.Signal)
	}
	return fmt.Sprintf("session %s: its process ended without reporting how", e.Name)
}

// Kind is the kind of the error event.
func (e *GoneError) Kind() string { return "lost" }
