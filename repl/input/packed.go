package input

import (
	"context"
	"fmt"

	"wsx/client"
)

// Packed says what another source says, packed as something else: JSON lines as msgpack messages, say.
type Packed struct {
	from Source
	o    Options
	pack func(text []byte) ([]byte, error)
	text []byte // the pieces of a message so far
	err  error
}

// NewPacked packs the messages of a source, which o names. One that cannot be packed is a *Refusal.
func NewPacked(from Source, pack func(text []byte) ([]byte, error), o Options) *Packed {
	return &Packed{from: from, pack: pack, o: o.withDefaults()}
}

// Ready says whether the source is.
func (p *Packed) Ready() bool { return p.err == nil && p.from.Ready() }

// Next returns the next message, packed and whole; all else as it is.
func (p *Packed) Next(ctx context.Context) (Line, error) {
	for p.err == nil {
		line, err := p.from.Next(ctx)
		if err != nil || line.Verb != Say {
			return line, err
		}
		if line.More || len(p.text) > 0 {
			p.text = append(p.text, line.Data...)
			line.Data = p.text
		}
		if len(line.Data) > p.o.Max {
			return p.refuse(line, fmt.Sprintf("longer than the %d bytes that are held to be packed", p.o.Max))
		}
		if line.More {
			continue
		}
		p.text = p.text[:0]
		return p.say(line)
	}
	return Line{}, p.err
}

func (p *Packed) say(line Line) (Line, error) {
	data, err := p.pack(line.Data)
	if err != nil {
		return p.refuse(line, err.Error())
	}
	line.Data, line.Type = data, client.Binary
	return line, nil
}

func (p *Packed) refuse(line Line, reason string) (Line, error) {
	p.err = &Refusal{Name: p.o.Name, Number: line.Number, Reason: reason}
	return Line{}, p.err
}
