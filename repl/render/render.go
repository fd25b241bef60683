// Package render turns events into text: pretty, raw, bytes, json, hex, template, jq.
package render

import (
	"context"
	"io"

	"wsx/client"
)

// Renderer writes an event as text or bytes; it writes nothing for the kinds it does not show.
// A renderer is used by one goroutine at a time and may keep fragments of a message between calls.
type Renderer interface {
	Render(w io.Writer, e client.Event) error
}

// contextOf returns the context of the message at hand.
func contextOf(current func() context.Context) context.Context {
	if current == nil {
		return context.Background()
	}
	return current()
}
