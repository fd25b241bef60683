package input

import (
	"cmp"
	"context"
	"errors"
	"io"

	"wsx/client"
)

// Options configure how input is split into messages. The zero value is for text.
type Options struct {
	Name  string      // what is read, for errors; "" = "standard input"
	Type  client.Type // of the messages; 0 = Text
	Max   int         // longest line, in bytes; 0 = 64 MiB
	Whole int         // Whole: bytes of the longest message that is delivered in one line; 0 = 64 MiB
	Size  int         // Chunks: bytes of each message; 0 = as many as a read returns
	Speed float64     // JSON: 1 = paced as recorded, 2 = twice as fast; 0 = at once
	Clock Clock       // JSON with Speed: nil = the system's
}

// maxLine is the default of Options.Max, in bytes.
const maxLine = 64 << 20

func (o Options) withDefaults() Options {
	o.Name = cmp.Or(o.Name, "standard input")
	o.Type = cmp.Or(o.Type, client.Text)
	if o.Max <= 0 {
		o.Max = maxLine
	}
	if o.Whole <= 0 {
		o.Whole = maxLine
	}
	if o.Clock == nil {
		o.Clock = SystemClock{}
	}
	return o
}

// ending distinguishes the end of the input from an interruption by ctx, after which reading can continue.
func (o Options) ending(ctx context.Context, err error) (end, interruption error) {
	switch {
	case err == nil:
		return nil, nil
	case errors.Is(err, io.EOF):
		return io.EOF, nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, err
	}
	return &RejectedLine{Name: o.Name, Reason: "read", Err: err}, nil
}
