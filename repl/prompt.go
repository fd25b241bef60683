package repl

import (
	"context"
	"errors"
	"io"

	"wsx/client"
	"wsx/repl/input"
	"wsx/terminal"
)

// prompt is a terminal as a source of lines.
type prompt struct {
	terminal  *terminal.Terminal
	kind      client.Type
	interrupt func() bool
	number    int
}

// NewPrompt delivers what is typed, as messages of type t. Interrupt is called for Ctrl-C on an empty line, and reports
// whether it has stopped something; if not, the session ends.
func NewPrompt(term *terminal.Terminal, t client.Type, interrupt func() bool) input.Source {
	return &prompt{terminal: term, kind: t, interrupt: interrupt}
}

// Next waits for a line. Ctrl-D and Ctrl-C on an empty line end the session, as /quit does.
func (t *prompt) Next(ctx context.Context) (input.Line, error) {
	text, err := t.terminal.ReadLine(ctx)
	for errors.Is(err, terminal.ErrInterrupt) && t.interrupt() {
		text, err = t.terminal.ReadLine(ctx)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, terminal.ErrInterrupt) {
		return input.Line{}, errQuit
	}
	t.number++
	return input.Line{Type: t.kind, Data: []byte(text), Number: t.number}, err
}

// Ready reports false: a line that was typed is sent at once.
func (t *prompt) Ready() bool { return false }
