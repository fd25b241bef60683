package render

import (
	"io"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/dialect"
)

// As is the Detail of a message that a dialect has translated. The payload of its event is the received message.
type As struct {
	Event *dialect.Event
	Again bool // an event of the same message was shown before
	Aside bool // only json and recordings show it
}

// Translate passes translated messages on as the text of their dialect event, and drops those that are hidden from people. JSON
// and recordings do not use it, since they show messages as received.
type Translate struct {
	To       Renderer
	Raw      bool      // pass them on untranslated
	Errors   io.Writer // receives what the peer sends for standard error
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

// label returns the label that is shown before a translated message.
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
