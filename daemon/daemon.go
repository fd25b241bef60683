// Package daemon keeps sessions open between commands. Each session has a process of its own, which other processes of the same
// user reach at a Unix socket: what they send goes to the WebSocket server, and what that server sends is kept until they read
// it.
package daemon

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Version is the version of the protocol at the socket (see protocol.go).
const Version = 1

// The states of a session.
const (
	StateOpen         = "open"
	StateReconnecting = "reconnecting"
	StateClosed       = "closed"       // it has ended, and can still be read
	StateUnresponsive = "unresponsive" // its process does not answer
)

// DefaultReader is the reader of a command that names none.
const DefaultReader = "default"

// The form of names.
const (
	nameBytes     = "abcdefghijklmnopqrstuvwxyz0123456789_.-"
	maxNameLength = 64 // bytes
)

// NameError reports a name that no session or reader can have.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("invalid session name %.80q: use 1 to 64 characters of a-z, 0-9, _ . -", e.Name)
}

// CheckName returns a *NameError for an invalid name of a session or reader. A name has 1 to 64 of the characters a-z, 0-9,
// "_", "." and "-", and not only dots.
func CheckName(name string) error {
	if len(name) > maxNameLength || strings.Trim(name, nameBytes) != "" || strings.Trim(name, ".") == "" {
		return &NameError{name}
	}
	return nil
}

// UnknownError reports that a session does not exist.
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

// Facts returns the reason and its facts, for a hint.
func (e *UnknownError) Facts() (reason string, facts map[string]string) {
	switch {
	case e.Stale:
		return "session-stale", map[string]string{"name": e.Name}
	case len(e.Known) > 0:
		return "session-unknown", map[string]string{"names": strings.Join(e.Known, ", ")}
	}
	return "no-sessions", nil
}

// TakenError reports that another session has the name.
type TakenError struct{ Name string }

func (e *TakenError) Error() string { return "there is already a session " + e.Name }

// Facts returns the reason and its facts, for a hint.
func (e *TakenError) Facts() (reason string, facts map[string]string) {
	return "session-taken", map[string]string{"name": e.Name}
}

// EndError reports how a session of another process ended.
type EndError struct {
	Exit    int    // the exit code for the command
	Class   string // the kind of the error event; "" = there was none
	Message string
	Hint    string // the hint that came with it; "" = none
}

func (e *EndError) Error() string { return e.Message }

// Kind is the kind of the error event.
func (e *EndError) Kind() string { return e.Class }

// HintText returns the hint of the error event.
func (e *EndError) HintText() string { return e.Hint }

// UnresponsiveError reports that the process of a session does not answer, for example because it was stopped.
type UnresponsiveError struct {
	Name string
	PID  int           // 0 = it is not known
	For  time.Duration // how long this process waited
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

// Facts returns the reason and its facts, for a hint.
func (e *UnresponsiveError) Facts() (reason string, facts map[string]string) {
	if e.PID == 0 {
		return "", nil
	}
	return "session-unresponsive", map[string]string{"pid": strconv.Itoa(e.PID)}
}

// LongPathError reports a socket whose path is longer than systems allow.
type LongPathError struct{ Path string }

func (e *LongPathError) Error() string {
	return fmt.Sprintf("the path of the socket is too long: %s has %d bytes, at most %d are allowed", e.Path, len(e.Path), maxSocketPath)
}

// Facts returns the reason, for a hint, and no further facts.
func (e *LongPathError) Facts() (reason string, facts map[string]string) {
	return "session-path-too-long", nil
}

// GoneError reports that the process of a session ended without a close or error event.
type GoneError struct {
	Name   string
	Signal string // that ended it; "" = unknown
}

func (e *GoneError) Error() string {
	if e.Signal != "" {
		return fmt.Sprintf("session %s: its process was ended by a signal: %s", e.Name, e.Signal)
	}
	return fmt.Sprintf("session %s: its process ended without reporting how", e.Name)
}

// Kind is the kind of the error event.
func (e *GoneError) Kind() string { return "lost" }

// maxSocketPath is the longest path of a socket in bytes on all systems. Linux allows 4 more.
const maxSocketPath = 103
