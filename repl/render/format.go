package render

import (
	"fmt"
	"strings"
)

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
