package render

import (
	"io"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/dialect"
)

// As is the Detail of a message that a dialect gives a meaning. The payload of its event is what was received.
type As struct {
	Event *dialect.Event
	Again bool // an event of the same message was shown before
	Aside bool // only json and recordings show it
}

// Translate passes messages on as what they mean in a dialect, and drops those that mean nothing to a person. JSON and
// recordings want messages as they are.
type Translate struct {
	To       Renderer
	Raw      bool      // pass them on as they are
	Errors   io.Writer // for what the peer sends for standard error
	Terminal bool      // a terminal shows it: nothing in it may control the terminal
}

// Render passes an event on.
func (t *Translate) Render(w io.Writer, e client.Event) error {
	as, ok := e.Detail.(As)
	if !ok {
		return t.To.Render(w, e)
	}
	if t.Raw {
		if as.Again {
			return nil
		}
		e.Detail = nil
		return t.To.Render(w, e)
	}
	if as.Aside || as.Event.Hidden() {
		return nil
	}
	if j, ok := t.To.(*JQ); ok {
		if value, ok := as.Event.Value(); ok {
			return j.renderValue(w, e, value)
		}
	}
	text := as.Event.Text()
	switch as.Event.Kind {
	case dialect.KindOutput:
		return t.write(w, text)
	case dialect.KindErrors:
		return t.write(t.Errors, text)
	case dialect.KindMessage, dialect.KindUndecoded:
	default:
		e.Type = client.Binary
		if utf8.Valid(text) {
			e.Type = client.Text
		}
	}
	e.Payload = text
	return t.To.Render(w, e)
}

// write writes bytes and nothing else.
func (t *Translate) write(w io.Writer, data []byte) error {
	if t.Terminal {
		data = Sanitize(nil, data)
	}
	_, err := w.Write(data)
	return err
}

// Beneath returns the renderer that messages are passed on to.
func (t *Translate) Beneath() Renderer { return t.To }

// label returns what is shown before a message that has a meaning.
func (a As) label() string {
	e := a.Event
	text := e.Kind
	switch {
	case e.Kind == dialect.KindEvent:
		text = e.Name
	case e.Name != "":
		text += " " + e.Name
	}
	if e.RTT > 0 {
		text += ", " + e.RTT.Round(100*time.Microsecond).String()
	}
	return "(" + text + ")"
}
