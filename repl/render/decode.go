package render

import (
	"io"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
)

// Decoder says what payloads stand for. The name of the coding is empty for a payload that is best shown as
// it is; an error is why it could not be decoded.
type Decoder interface {
	Subprotocol(name string)
	Decode(payload []byte, isText bool) (name string, text []byte, err error)
}

// Unpacked is the Detail of a message that was decoded on its way to a renderer.
type Unpacked struct {
	Coding string // like "msgpack"
	Bytes  int64  // of the payload as it came
}

// Decode passes messages on as what they stand for, such as JSON instead of msgpack. What does not decode is
// passed on as it is, with a note. It belongs before renderers for people, templates and queries; json and
// recordings want payloads as they are.
type Decode struct {
	To         Renderer
	Decoder    Decoder
	Notes      io.Writer // where notes go; nil = nowhere
	Sent       bool      // what was sent, too
	MaxMessage int64     // bytes of a message that are kept; 0 = all. A longer one is not decoded

	whole assembly
}

// Render passes an event on; a message when its last piece has come.
func (d *Decode) Render(w io.Writer, e client.Event) error {
	if h, ok := e.Detail.(*dial.Handshake); ok {
		d.Decoder.Subprotocol(h.Subprotocol)
	}
	if e.Kind != client.KindMessage || e.Dir == client.Out && !d.Sent {
		return d.To.Render(w, e)
	}
	d.whole.most = d.MaxMessage
	e, length, ok := d.whole.add(e)
	if !ok {
		return nil
	}
	if length > int64(len(e.Payload)) {
		return d.To.Render(w, e)
	}
	name, text, err := d.Decoder.Decode(e.Payload, e.Type == client.Text)
	switch {
	case err != nil:
		if err := d.note(name, err); err != nil {
			return err
		}
	case name != "":
		e.Payload, e.Type, e.Detail = text, client.Binary, Unpacked{name, length}
		if utf8.Valid(text) {
			e.Type = client.Text
		}
	}
	return d.To.Render(w, e)
}

func (d *Decode) note(name string, trouble error) error {
	if d.Notes == nil {
		return nil
	}
	text := SanitizeLine([]byte("* not "+name+": "), trouble.Error())
	_, err := d.Notes.Write(append(text, '\n'))
	return err
}

// Beneath is the renderer that messages are passed on to.
func (d *Decode) Beneath() Renderer { return d.To }
