package repl

import (
	"fmt"

	"wsx/client"
	"wsx/repl/input"
)

// Encoding is what text that is said is packed as before it is sent.
type Encoding struct {
	Pack func(text []byte) ([]byte, error)
	Type client.Type // of what is sent
}

// encoder packs the lines that are said. A message that comes in pieces is packed whole.
type encoder struct {
	as   Encoding
	most int    // bytes of a message that are held
	held []byte // the pieces so far
}

// encode packs the message that ends with a line, which becomes that; false = it does not end yet.
func (p *encoder) encode(line *input.Line) (whole bool, err error) {
	if line.Partial || len(p.held) > 0 {
		if len(p.held)+len(line.Data) > p.most {
			return false, fmt.Errorf("longer than the %d bytes that are held to be packed", p.most)
		}
		p.held = append(p.held, line.Data...)
		line.Data = p.held
	}
	if line.Partial {
		return false, nil
	}
	p.held = p.held[:0]
	data, err := p.as.Pack(line.Data)
	if err != nil {
		return false, err
	}
	line.Type, line.Data = p.as.Type, data
	return true, nil
}
