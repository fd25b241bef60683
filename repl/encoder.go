package repl

import (
	"fmt"

	"wsx/client"
	"wsx/codec"
	"wsx/repl/input"
)

// encoder encodes the messages that are sent. One that is read in fragments is encoded whole.
type encoder struct {
	as   codec.Encoder
	most int    // bytes of a message that are held
	held []byte // the fragments so far
}

// encode encodes the message that ends with a line, which becomes that; false = it does not end yet.
func (p *encoder) encode(line *input.Line) (whole bool, err error) {
	if line.Partial || len(p.held) > 0 {
		if len(p.held)+len(line.Data) > p.most {
			return false, fmt.Errorf("longer than %d bytes, the most that can be encoded", p.most)
		}
		p.held = append(p.held, line.Data...)
		line.Data = p.held
	}
	if line.Partial {
		return false, nil
	}
	p.held = p.held[:0]
	m, err := p.as(line.Data)
	if err != nil {
		return false, err
	}
	if line.Type, line.Data = client.Binary, m.Data; m.Text {
		line.Type = client.Text
	}
	return true, nil
}
