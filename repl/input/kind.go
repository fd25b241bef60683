package input

import "io"

// Kind is a named way to split input into messages.
type Kind struct {
	Name string
	Help string
	New  func(io.Reader, Options) Source
}

// Kinds returns the ways to split input, for flags, completion and help.
func Kinds() []Kind {
	return []Kind{
		{"lines", "each line is a message", asSource(NewLines)},
		{"null", "each NUL-terminated string is a message", asSource(NewNull)},
		{"json", "each line is a JSON event, as in JSON output and recordings", asSource(NewJSON)},
		{"hex", "each line of hexadecimal digits is a binary message", asSource(NewHex)},
		{"base64", "each line of base64 is a binary message", asSource(NewBase64)},
		{"whole", "the whole input is one message", asSource(NewWhole)},
		{"chunks", "each read, or each block of the chunk size, is a message", asSource(NewChunks)},
	}
}

func asSource[S Source](open func(io.Reader, Options) S) func(io.Reader, Options) Source {
	return func(from io.Reader, o Options) Source { return open(from, o) }
}
