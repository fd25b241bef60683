// Package input reads lines from sources that are no terminal: a pipe, a file, a recording.
package input

import (
	"context"
	"iter"
	"time"

	"wsx/client"
	"wsx/dialect"
)

// Action is what a line asks for.
type Action uint8

// What a line can ask for. Most send a message; the others come from JSON input, and Use from other processes.
const (
	Send Action = iota
	Ping
	Pong
	Close
	Wait
	Use
)

// Line is one line of input.
type Line struct {
	Action  Action
	Type    client.Type    // Send: Text or Binary
	Data    []byte         // Send, Ping, Pong: the payload; Close: the reason. Valid until the next call of Next
	Verb    string         // Use: the verb of the session's dialect
	Words   []dialect.Word // Use: the arguments of the verb
	AsIs    bool           // Send: it is a message, whatever the session's dialect makes of lines
	Frame   int            // Send: largest frame of the message, in bytes; 0 = as for every message
	Number  int            // which line it is, from 1; 0 = not counted
	Partial bool           // Send: the message goes on with the next line
	Repeat  bool           // Send: it is sent again whenever the session opens again
	Code    int            // Close: the close code; 1005 = none
	Pause   time.Duration  // Wait: how long
}

// Bulk is a Source all of whose lines are whole messages of one type.
type Bulk interface {
	Source
	Type() client.Type
	// Rest has the lines that are there without waiting, each as Next would deliver it. One that is rejected ends it, and
	// Next returns the error.
	Rest() iter.Seq[[]byte]
}

// Source delivers lines.
type Source interface {
	// Next returns the next line, or io.EOF at the end. Before an error that names a line, all lines before it
	// were delivered. When ctx ends the waiting, nothing is lost: a later Next goes on.
	Next(ctx context.Context) (Line, error)
	// Ready reports whether a further line is there without waiting, so that what was sent need not be flushed yet.
	// At the end of the input it is false.
	Ready() bool
}
