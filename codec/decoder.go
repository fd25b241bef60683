package codec

import (
	"context"
	"fmt"
	"strings"
)

// Decoded is the content of a message.
type Decoded struct {
	Codec  string   // like "msgpack", or "gzip, msgpack"; "" = show the message undecoded
	Values [][]byte // JSON, or any bytes if the last codec compresses; valid until the next call; empty if the message completes no value
}

// Error is a message that cannot be decoded.
type Error struct {
	Codec string
	Err   error
}

func (e *Error) Error() string {
	switch {
	case isInterrupt(e.Err):
		return e.Codec + ": interrupted"
	case isComplex(e.Err):
		return e.Codec + ": " + e.Err.Error()
	}
	return "not " + e.Codec + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Auto is the name of the decoder that detects the codec of each message.
const Auto = "auto"

// Decoder decodes the messages of one session at a time. It is for one goroutine at a time.
type Decoder struct {
	options  Options
	name     string // of the chosen codec, or Auto
	codec    Codec  // required for all messages; without a name, no codec is required
	session  sessionDecoder
	detector *detector // nil = no detection
	w        writer
}

// NewDecoder returns a decoder for the codec with a name, or for Auto.
func NewDecoder(name string, o Options) (*Decoder, error) {
	d := &Decoder{options: o, name: name, w: newWriter(o)}
	if name == Auto {
		d.detector = newDetector(o)
	} else if _, ok := find(name); !ok {
		return nil, fmt.Errorf("unknown codec %q", name)
	}
	d.Begin("")
	return d, nil
}

// Begin begins a session with the agreed subprotocol, "" = none. It discards the state of the last session.
func (d *Decoder) Begin(subprotocol string) {
	d.Close()
	name := d.name
	if d.detector != nil {
		if name = implied(subprotocol); name == "" && d.options.Schema != nil {
			name = "protobuf"
		}
	}
	if d.codec, _ = find(name); d.codec.Name != "" {
		d.session = d.codec.decoder(d.options)
	}
}

// Close ends the session, and frees the state of the codec.
func (d *Decoder) Close() {
	if d.session != nil {
		d.session.close()
		d.session = nil
	}
}

// Pending returns the codec of a session, and the number of bytes of one direction that are incomplete without further messages.
func (d *Decoder) Pending(sent bool) (name string, bytes int) {
	if d.session == nil {
		return "", 0
	}
	return d.codec.Name, d.session.pending(sent)
}

// Decode decodes a message. A message that is to be shown undecoded has no codec, such as text if the codec decodes only binary
// messages. An error is an *Error. It is returned only if the message has the magic number of a codec, or if the subprotocol or
// the options require the codec.
func (d *Decoder) Decode(ctx context.Context, m Message) (Decoded, error) {
	if m.Text && !d.codec.takesText {
		return Decoded{}, nil
	}
	d.w.ctx = ctx
	if d.detector != nil {
		return d.decodeAuto(m)
	}
	d.w.reset()
	if err := d.session.decode(&d.w, m); err != nil {
		return Decoded{}, &Error{d.codec.Name, err}
	}
	return Decoded{d.codec.Name, d.w.all()}, nil
}

// maxLayers is the maximum number of times that a message is decoded: a decompressed payload is decoded again.
const maxLayers = 3

func (d *Decoder) decodeAuto(m Message) (Decoded, error) {
	var names []string
	var last [][]byte
	for range maxLayers {
		name, err := d.decodeLayer(m)
		if err != nil && (len(names) == 0 || isFinal(err)) {
			return Decoded{}, &Error{name, err}
		}
		if err != nil || name == "" || name == "json" && len(names) > 0 {
			break
		}
		names = append(names, name)
		last = d.w.all()
		if !d.detector.compresses[name] || len(last) != 1 {
			break
		}
		d.w.detach()
		m.Data = last[0]
	}
	return Decoded{strings.Join(names, ", "), last}, nil
}

// decodeLayer decodes one layer, and returns the name of its codec; "" = no layer was found. With an error, it is the codec that failed.
func (d *Decoder) decodeLayer(m Message) (name string, err error) {
	d.w.reset()
	if d.session == nil {
		return d.detector.decode(&d.w, m.Data)
	}
	failure := d.session.decode(&d.w, m)
	if failure == nil || isFinal(failure) {
		return d.codec.Name, failure
	}
	d.w.reset()
	if name, err = d.detector.decode(&d.w, m.Data); name == "" || err != nil && !isFinal(err) {
		return d.codec.Name, failure
	}
	return name, err
}
