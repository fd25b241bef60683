package render

import (
	"context"
	"fmt"
	"io"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
	"wsx/codec"
)

// Decoded is the Detail of a message that was decoded on its way to a renderer.
type Decoded struct {
	Codec string // like "msgpack"
	Bytes int64  // of the payload as it was received
	Index int    // of the value in the message, from 0
	Count int    // of the values of the message
}

// Undecoded is the Detail of a message that could not be decoded, about which a note was written.
type Undecoded struct{}

// Decode passes on the decoded values of messages, such as JSON instead of msgpack. A message may have several values, or none
// that is complete yet. A message that cannot be decoded is passed on unchanged, with a note. Decode is for renderers for
// people, templates and queries; json and recordings show payloads as received.
type Decode struct {
	To         Renderer
	Decoder    *codec.Decoder
	Context    func() context.Context // of the current message, cancels decoding; nil = it cannot be cancelled
	Notes      io.Writer              // for notes; nil = no notes are written
	Sent       bool                   // sent messages, too
	MaxMessage int64                  // bytes of a message that are kept; 0 = all. A longer one is not decoded

	whole assembler
}

// Render passes an event on; a message once its last fragment has been received.
func (d *Decode) Render(w io.Writer, e client.Event) error {
	if h, ok := e.Detail.(*dial.Handshake); ok {
		d.Decoder.Begin(h.Subprotocol)
	}
	if e.Kind == client.KindEnd {
		if err := d.noteIncomplete(); err != nil {
			return err
		}
	}
	if e.Kind != client.KindMessage || e.Dir == client.Out && !d.Sent {
		return d.To.Render(w, e)
	}
	d.whole.max = d.MaxMessage
	e, length, ok := d.whole.add(e)
	if !ok {
		return nil
	}
	if length > int64(len(e.Payload)) {
		return d.To.Render(w, e)
	}
	got, err := d.Decoder.Decode(contextOf(d.Context), codec.Message{Data: e.Payload, Text: e.Type == client.Text, Sent: e.Dir == client.Out})
	switch {
	case err != nil:
		e.Detail = Undecoded{}
		if err := writeNote(d.Notes, err.Error()); err != nil {
			return err
		}
		return d.To.Render(w, e)
	case got.Codec == "":
		return d.To.Render(w, e)
	}
	for i, value := range got.Values {
		e.Payload, e.Type, e.Detail = value, client.Binary, Decoded{got.Codec, length, i, len(got.Values)}
		if utf8.Valid(value) {
			e.Type = client.Text
		}
		if err := d.To.Render(w, e); err != nil {
			return err
		}
	}
	return nil
}

// noteIncomplete writes a note, at the end of a session, about a value that was never completed.
func (d *Decode) noteIncomplete() error {
	name, bytes := d.Decoder.Pending(false)
	d.Decoder.Begin("")
	if bytes == 0 {
		return nil
	}
	return writeNote(d.Notes, fmt.Sprintf("%s: the last %d bytes are incomplete", name, bytes))
}

// Beneath returns the renderer that messages are passed on to.
func (d *Decode) Beneath() Renderer { return d.To }
