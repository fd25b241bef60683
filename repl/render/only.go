package render

import (
	"fmt"
	"io"
	"strings"

	"wsx/client"
	"wsx/client/wire"
)

// Only passes on the messages and frames of a direction or of a type. What has neither, like the opening
// of a session, passes.
type Only struct {
	to        Renderer
	dirs      [2]bool // by client.Dir; none set = both
	kinds     [3]bool // text, binary, control; none set = all
	anyDir    bool
	anyOpcode bool
}

// OnlyNames returns the words that NewOnly takes, for flags, completion and help.
func OnlyNames() []string { return []string{"in", "out", "text", "binary", "control"} }

const (
	textKind = iota
	binaryKind
	controlKind
)

// NewOnly passes on to a renderer what the words say: in, out, text, binary, control. "in" and "text"
// together mean text that came in. The renderer must be one that shows what was sent, if that is wanted.
func NewOnly(to Renderer, words []string) (*Only, error) {
	o := &Only{to: to, anyDir: true, anyOpcode: true}
	for _, word := range words {
		switch word {
		case "in":
			o.dirs[client.In], o.anyDir = true, false
		case "out":
			o.dirs[client.Out], o.anyDir = true, false
		case "text":
			o.kinds[textKind], o.anyOpcode = true, false
		case "binary":
			o.kinds[binaryKind], o.anyOpcode = true, false
		case "control":
			o.kinds[controlKind], o.anyOpcode = true, false
		default:
			return nil, &Mistake{Reason: fmt.Sprintf("cannot show only %q", word), Advice: "the words are " + strings.Join(OnlyNames(), ", ")}
		}
	}
	return o, nil
}

// Render passes an event on, or not.
func (o *Only) Render(w io.Writer, e client.Event) error {
	switch e.Kind {
	case client.Message, client.Ping, client.Pong, client.Close:
		if !o.anyDir && !o.dirs[e.Dir&1] || !o.anyOpcode && !o.kinds[kindOf(e)] {
			return nil
		}
	case client.Frame:
		if !o.passesFrame(e) {
			return nil
		}
	}
	return o.to.Render(w, e)
}

func kindOf(e client.Event) int {
	switch {
	case e.Kind != client.Message:
		return controlKind
	case e.Type == client.Binary:
		return binaryKind
	}
	return textKind
}

// passesFrame judges a frame. A continuation could belong to either type and passes with both.
func (o *Only) passesFrame(e client.Event) bool {
	frame, ok := e.Detail.(*wire.Trace)
	if !ok || o.anyDir && o.anyOpcode {
		return true
	}
	dir := client.In
	if frame.Out {
		dir = client.Out
	}
	if !o.anyDir && !o.dirs[dir] {
		return false
	}
	switch frame.Opcode {
	case wire.Text:
		return o.anyOpcode || o.kinds[textKind]
	case wire.Binary:
		return o.anyOpcode || o.kinds[binaryKind]
	case wire.Continuation:
		return o.anyOpcode || o.kinds[textKind] || o.kinds[binaryKind]
	}
	return o.anyOpcode || o.kinds[controlKind]
}
