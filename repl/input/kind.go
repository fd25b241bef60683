package input

import "io"

// Kind is a named way to split input into messages.
type Kind struct {
	Name string
	New  func(io.Reader, Options) Source
}

// Kinds returns the ways to split input, for flags, completion and help.
func Kinds() []Kind {
	return []Kind{
		{"lines", asSource(NewLines)},
		{"null", asSource(NewNull)},
		{"json", asSource(NewJSON)},
		{"hex", asSource(NewHex)},
		{"base64", asSource(NewBase64)},
		{"whole", asSource(NewWhole)},
		{"chunks", asSource(NewChunks)},
	}
}

func asSource[S Source](open func(io.Reader, Options) S) func(io.Reader, Options) Source {
	return func(from io.Reader, o Options) Source { return open(from, o) }
}
