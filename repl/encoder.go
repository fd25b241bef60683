package repl

import (
	"fmt"

	"wsx/client"
	"wsx/codec"
	"wsx/repl/input"
)

// encoder encodes messages before they are sent. A message that is read in fragments is encoded whole.
type encoder struct {
	codec codec.Encoder
	max   int    // bytes of a message that are held
	held  []byte // the fragments so far
}

// encode replaces a line by the encoded message that ends with it; false = the message is not complete yet.
func (e *encoder) encode(line *input.Line) (whole bool, err error) {
	if line.Partial || len(e.held) > 0 {
		if len(e.held)+len(line.Data) > e.max {
			return false, fmt.Errorf("longer than %d bytes, the most that can be encoded", e.max)
		}
		e.held = append(e.held, line.Data...)
		line.Data = e.held
	}
	if line.Partial {
		return false, nil
	}
	e.held = e.held[:0]
	m, err := e.codec(line.Data)
	if err != nil {
		return false, err
	}
	if line.Type, line.Data = client.Binary, m.Data; m.Text {
		line.Type = client.Text
	}
	return true, nil
}
