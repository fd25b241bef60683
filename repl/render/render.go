// Package render turns events into text: pretty, raw, bytes, json, hex, template, jq.
package render

import (
	"context"
	"io"

	"wsx/client"
)

// Renderer writes events as text or bytes; it writes nothing for kinds that it does not show. One goroutine at a time may use a
// renderer, which may keep fragments of a message between calls.
type Renderer interface {
	Render(w io.Writer, e client.Event) error
}

// End is how a session ended; the Detail of a KindEnd event.
type End struct {
	client.Summary
	Exit int // the exit code of the program
}

// writeNote writes a note about a message; nil = notes are not written.
func writeNote(w io.Writer, text string) error {
	if w == nil {
		return nil
	}
	_, err := w.Write(append(SanitizeLine([]byte("* "), text), '\n'))
	return err
}

// noteWidth is how much of a message a note shows, in bytes.
const noteWidth = 200

// contextOf returns the context of the current message.
func contextOf(current func() context.Context) context.Context {
	if current == nil {
		return context.Background()
	}
	return current()
}
