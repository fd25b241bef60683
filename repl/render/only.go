package render

import (
	"fmt"
	"slices"
	"strings"

	"wsx/client"
	"wsx/client/wire"
)

// Only filters messages and frames by direction and type. Events that have neither, such as open, always pass. The zero value
// lets everything pass.
type Only struct {
	shown  [5]bool // by the index of the word
	byDir  bool    // one of the directions is set
	byKind bool    // one of the other words is
}

// OnlyNames returns the words that NewOnly accepts, for flags, completion and help.
func OnlyNames() []string { return []string{"in", "out", "text", "binary", "control"} }

// The indexes of the words in OnlyNames; the directions are those of client.Dir.
const (
	textKind = iota + 2
	binaryKind
	controlKind
)

// NewOnly returns a filter for the words in, out, text, binary and control. "in" and "text" together mean received text.
func NewOnly(words []string) (Only, error) {
	var o Only
	for _, word := range words {
		i := slices.Index(OnlyNames(), word)
		if i < 0 {
			return o, &FormatError{Reason: fmt.Sprintf("unknown filter %q", word), Hint: "expected " + strings.Join(OnlyNames(), ", ")}
		}
		o.shown[i] = true
		o.byDir = o.byDir || i < textKind
		o.byKind = o.byKind || i >= textKind
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
		return o.passes(e.Dir, o.shown[kindOf(e)])
	case client.KindFrame:
		return o.passesFrame(e)
	}
	return true
}

// passes reports whether an event passes that has this direction; kind is whether its kind is one of those to show.
func (o *Only) passes(dir client.Dir, kind bool) bool {
	return (!o.byDir || o.shown[dir&1]) && (!o.byKind || kind)
}

// ShowsControl reports whether control frames are asked for by that name.
func (o *Only) ShowsControl() bool { return o.shown[controlKind] }

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
		return o.passes(dir, o.shown[textKind])
	case wire.Binary:
		return o.passes(dir, o.shown[binaryKind])
	case wire.Continuation:
		return o.passes(dir, o.shown[textKind] || o.shown[binaryKind])
	}
	return o.passes(dir, o.shown[controlKind])
}
