// Package input reads lines from sources other than a terminal: a pipe, a file, a recording.
package input

import (
	"context"
	"iter"
	"time"

	"wsx/client"
	"wsx/dialect"
)

// Action is the action of a line.
type Action uint8

// The actions of lines. Most lines are Send; the others come from JSON input, and Use from other processes.
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
	AsIs    bool           // Send: send it unchanged, without the session's dialect
	Frame   int            // Send: largest frame of the message, in bytes; 0 = as for every message
	Number  int            // line number, from 1; 0 = the line has no number
	Partial bool           // Send: the message continues in the next line
	Repeat  bool           // Send: send it again whenever the session reconnects
	Code    int            // Close: the close code; 1005 = a Close without a code
	Pause   time.Duration  // Wait: how long
}

// Bulk is a Source whose lines are all whole messages of one type.
type Bulk interface {
	Source
	Type() client.Type
	// Rest returns the lines that are available without blocking, each as Next would return it. It ends before a rejected line,
	// for which Next returns the error.
	Rest() iter.Seq[[]byte]
}

// Source delivers lines.
type Source interface {
	// Next returns the next line, or io.EOF at the end. Before it returns an error for a line, it has returned all earlier
	// lines. If ctx ends, it returns the error of ctx, and no input is lost for later calls.
	Next(ctx context.Context) (Line, error)
	// Ready reports whether Next would return a line without blocking. If not, the caller flushes what it has sent. It is false
	// at the end of the input.
	Ready() bool
}
