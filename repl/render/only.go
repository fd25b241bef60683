package render

import (
	"fmt"
	"strings"

	"wsx/client"
	"wsx/client/wire"
)

// Only filters messages and frames by direction and type. Events that have neither, such as open, always pass. The zero value
// lets everything pass.
type Only struct {
	dirs   [2]bool // by client.Dir
	kinds  [3]bool // text, binary, control
	byDir  bool    // one of dirs is set
	byKind bool    // one of kinds is
}

// OnlyNames returns the words that NewOnly accepts, for flags, completion and help.
func OnlyNames() []string { return []string{"in", "out", "text", "binary", "control"} }

const (
	textKind = iota
	binaryKind
	controlKind
)

// NewOnly returns a filter for the words in, out, text, binary and control. "in" and "text" together mean received text.
func NewOnly(words []string) (Only, error) {
	var o Only
	for _, word := range words {
		switch word {
		case "in":
			o.dirs[client.In], o.byDir = true, true
		case "out":
			o.dirs[client.Out], o.byDir = true, true
		case "text":
			o.kinds[textKind], o.byKind = true, true
		case "binary":
			o.kinds[binaryKind], o.byKind = true, true
		case "control":
			o.kinds[controlKind], o.byKind = true, true
		default:
			return o, &FormatError{Reason: fmt.Sprintf("unknown filter %q", word), Advice: "expected " + strings.Join(OnlyNames(), ", ")}
		}
	}
	return o, nil
}

// Passes reports whether an event passes the filter.
func (o *Only) Passes(e *client.Event) bool {
	if !o.byDir && !o.byKind {
		return true
	}
	switch e.Kind {
	case client.KindMessage, client.KindPing, client.KindPong, client.KindClose:
		return o.passes(e.Dir, o.kinds[kindOf(e)])
	case client.KindFrame:
		return o.passesFrame(e)
	}
	return true
}

// passes reports whether an event passes that has this direction; kind tells whether its kind is one of those to show.
func (o *Only) passes(dir client.Dir, kind bool) bool {
	return (!o.byDir || o.dirs[dir&1]) && (!o.byKind || kind)
}

// ShowsControl reports whether control frames are asked for by that name.
func (o *Only) ShowsControl() bool { return o.kinds[controlKind] }

func kindOf(e *client.Event) int {
	switch {
	case e.Kind != client.KindMessage:
		return controlKind
	case e.Type == client.Binary:
		return binaryKind
	}
	return textKind
}

// passesFrame reports whether a frame passes. A continuation could belong to either type and passes with both.
func (o *Only) passesFrame(e *client.Event) bool {
	frame, ok := e.Detail.(*wire.Trace)
	if !ok {
		return true
	}
	dir := client.In
	if frame.Out {
		dir = client.Out
	}
	switch frame.Opcode {
	case wire.Text:
		return o.passes(dir, o.kinds[textKind])
	case wire.Binary:
		return o.passes(dir, o.kinds[binaryKind])
	case wire.Continuation:
		return o.passes(dir, o.kinds[textKind] || o.kinds[binaryKind])
	}
	return o.passes(dir, o.kinds[controlKind])
}
