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

// NewPrompt returns a source of typed lines, as messages of type t. interrupt is called for Ctrl-C on an empty line, and
// reports whether it has stopped something; if not, the session ends.
func NewPrompt(term *terminal.Terminal, t client.Type, interrupt func() bool) input.Source {
	return &prompt{terminal: term, kind: t, interrupt: interrupt}
}

// Next waits for a line. Ctrl-D and Ctrl-C on an empty line end the session, as /quit does.
func (p *prompt) Next(ctx context.Context) (input.Line, error) {
	text, err := p.terminal.ReadLine(ctx)
	for errors.Is(err, terminal.ErrInterrupt) && p.interrupt() {
		text, err = p.terminal.ReadLine(ctx)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, terminal.ErrInterrupt) {
		return input.Line{}, errQuit
	}
	p.number++
	return input.Line{Type: p.kind, Data: []byte(text), Number: p.number}, err
}

// Ready reports whether another line has been read: never, as a line that was typed is sent at once.
func (p *prompt) Ready() bool { return false }
