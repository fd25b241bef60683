package render

import (
	"fmt"
	"strings"
)

// Options configure how messages are shown. The zero value is for a pipe.
type Options struct {
	Terminal   bool       // a terminal shows it: nothing in a message may control it
	Theme      Theme      // its colours
	Stamp      *Stamp     // before each message, in pretty and raw; nil = no timestamps
	Zero       bool       // raw: NUL ends a message, instead of a newline
	Sent       bool       // show what was sent, too
	Rows       int        // pretty: lines that are shown of a message; 0 = twice the screen, at least 40; negative = all
	Height     func() int // pretty: rows of the screen; nil = not known
	Width      func() int // pretty, hex: columns of the screen; nil = any number
	MaxMessage int64      // bytes of a message that are kept where it must be whole; 0 = all
	Secrets    bool       // json: headers as they are
	Hinter     Hinter     // json: what to do about an error; nil = the error's own
}

// Format is a named way to show messages.
type Format struct {
	Name string
	Help string
	New  func(Options) Renderer
}

// Formats returns the formats, for flags, completion and help.
func Formats() []Format {
	return []Format{
		{"pretty", "for reading: direction, indented JSON, hexdumps", newPretty},
		{"raw", "each message, then a newline", newRaw},
		{"bytes", "each message and nothing else", newBytes},
		{"json", "each event as a JSON object on a line", newJSON},
		{"hex", "offset, bytes and ASCII, as hexdump -C", newHex},
	}
}

// New returns a renderer by the name of its format.
func New(name string, o Options) (Renderer, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f.New(o), nil
		}
		names = append(names, f.Name)
	}
	return nil, &FormatError{Reason: fmt.Sprintf("unknown format %q", name), Hint: "formats: " + strings.Join(names, ", ")}
}

func newPretty(o Options) Renderer { return &Pretty{Options: o} }

func newRaw(o Options) Renderer { return &Raw{Options: o} }

func newBytes(o Options) Renderer { return &Bytes{Options: o} }

func newJSON(o Options) Renderer {
	return &JSON{MaxMessage: o.MaxMessage, ShowSecrets: o.Secrets, Hinter: o.Hinter}
}

func newHex(o Options) Renderer { return &Hex{Options: o} }
