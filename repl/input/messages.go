package input

import (
	"context"
	"io"
)

// Messages delivers a fixed list of messages.
type Messages struct {
	lines []Line
}

// NewMessages returns a source of texts, each a message of o.Type that is sent again whenever the session reconnects.
func NewMessages(texts []string, o Options) *Messages {
	o = o.withDefaults()
	m := &Messages{lines: make([]Line, len(texts))}
	for i, text := range texts {
		m.lines[i] = Line{Type: o.Type, Data: []byte(text), Repeat: true}
	}
	return m
}

// Ready reports whether another message follows.
func (m *Messages) Ready() bool { return len(m.lines) > 0 }

// Next returns the next message.
func (m *Messages) Next(context.Context) (Line, error) {
	if len(m.lines) == 0 {
		return Line{}, io.EOF
	}
	line := m.lines[0]
	m.lines = m.lines[1:]
	return line, nil
}
