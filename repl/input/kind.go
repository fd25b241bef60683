package input

import "io"

// Kind is a way to cut input into messages that has a name.
type Kind struct {
	Name string
	Help string
	New  func(io.Reader, Options) Source
}

// Kinds returns the ways to cut input, for flags, completion and help.
func Kinds() []Kind {
	return []Kind{
		{"lines", "a line is a message", continues(NewLines)},
		{"null", "a string that ends with NUL is a message", continues(NewNull)},
		{"json", "a line is an event, as JSON output and recordings have it", continues(NewJSON)},
		{"hex", "a line of hexadecimal digits is a binary message", continues(NewHex)},
		{"base64", "a line of base64 is a binary message", continues(NewBase64)},
		{"whole", "all of the input is one message", continues(NewWhole)},
		{"chunks", "each read is a message, or a chunk size of bytes", continues(NewChunks)},
	}
}

func continues[S Source](open func(io.Reader, Options) S) func(io.Reader, Options) Source {
	return func(from io.Reader, o Options) Source { return open(from, o) }
}
