package repl

import (
	"context"
	"errors"
	"io"

	"wsx/client"
	"wsx/repl/input"
	"wsx/terminal"
)

// typed is a terminal as a source of lines: what people say there.
type typed struct {
	terminal *terminal.Terminal
	kind     client.Type
	number   int
}

// Typed says what is typed, as messages of kind t.
func Typed(term *terminal.Terminal, t client.Type) input.Source {
	return &typed{terminal: term, kind: t}
}

// Next waits for a line. Ctrl-D and Ctrl-C on an empty line say goodbye, as /quit does.
func (t *typed) Next(ctx context.Context) (input.Line, error) {
	text, err := t.terminal.ReadLine(ctx)
	if errors.Is(err, io.EOF) || errors.Is(err, terminal.ErrInterrupt) {
		return input.Line{}, errQuit
	}
	t.number++
	return input.Line{Type: t.kind, Data: []byte(text), Number: t.number}, err
}

// Ready is false: a line that was typed goes out at once.
func (t *typed) Ready() bool { return false }
