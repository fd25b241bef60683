package codec

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Message is a message of a session.
type Message struct {
	Data []byte
	Text bool
	Sent bool // by us; false = received
}

// Decoded is the content of a message.
type Decoded struct {
	Codec  string   // like "msgpack", or "gzip, msgpack"; "" = the message is best shown as it is
	Values [][]byte // JSON, or any bytes if the last codec compresses; valid until the next call. None: the message completes no value
}

// Error is why a message could not be decoded.
type Error struct {
	Codec string
	Err   error
}

func (e *Error) Error() string {
	var complexity *ComplexityError
	switch {
	case isInterrupt(e.Err):
		return e.Codec + ": interrupted"
	case errors.As(e.Err, &complexity):
		return e.Codec + ": " + e.Err.Error()
	}
	return "not " + e.Codec + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// sessionDecoder decodes the messages of one session.
type sessionDecoder interface {
	decode(w *writer, m Message) error
	pending(sent bool) int // bytes of a direction that were received and not yet decoded
	close()
}

// stateless returns a decoder of messages that do not depend on each other.
func stateless(decode func(w *writer, payload []byte) error) func(Options) sessionDecoder {
	return func(Options) sessionDecoder { return decodeFunc(decode) }
}

type decodeFunc func(w *writer, payload []byte) error

func (f decodeFunc) decode(w *writer, m Message) error {
	return w.write(len(m.Data), func() error { return f(w, m.Data) })
}

func (decodeFunc) pending(bool) int { return 0 }

func (decodeFunc) close() {}

// once returns a decoder like stateless, of messages whose values are not counted first.
func once(decode func(w *writer, payload []byte) error) func(Options) sessionDecoder {
	return func(Options) sessionDecoder { return decodeOnce(decode) }
}

type decodeOnce func(w *writer, payload []byte) error

func (f decodeOnce) decode(w *writer, m Message) error {
	if err := f(w, m.Data); err != nil {
		return err
	}
	return w.err
}

func (decodeOnce) pending(bool) int { return 0 }

func (decodeOnce) close() {}

// Auto is the name of the decoder that finds out what a message is.
const Auto = "auto"

// Decoder decodes the messages of one session at a time. One goroutine at a time uses it.
type Decoder struct {
	options Options
	name    string // of the codec that was asked for, or Auto
	codec   Codec  // that messages must have; without a name = none
	session sessionDecoder
	guess   *guesser // nil = it is not guessed
	w       writer
}

// NewDecoder returns a decoder for the codec with a name, or for Auto.
func NewDecoder(name string, o Options) (*Decoder, error) {
	d := &Decoder{options: o, name: name, w: newWriter(o)}
	if name == Auto {
		d.guess = newGuesser(o)
	} else if _, ok := Find(name); !ok {
		return nil, fmt.Errorf("unknown codec %q", name)
	}
	d.Begin("")
	return d, nil
}

// Begin begins a session with the subprotocol that was agreed on, "" = none. What was kept of the last session is
// forgotten.
func (d *Decoder) Begin(subprotocol string) {
	d.Close()
	name := d.name
	if d.guess != nil {
		if name = implied(subprotocol); name == "" && d.options.Schema != nil {
			name = "protobuf"
		}
	}
	if d.codec, _ = Find(name); d.codec.Name != "" {
		d.session = d.codec.decoder(d.options)
	}
}

// Close ends the session. It frees what the codec keeps.
func (d *Decoder) Close() {
	if d.session != nil {
		d.session.close()
		d.session = nil
	}
}

// Pending returns the codec of a session, and how many bytes of one direction wait for a message that completes them.
func (d *Decoder) Pending(sent bool) (name string, bytes int) {
	if d.session == nil {
		return "", 0
	}
	return d.codec.Name, d.session.pending(sent)
}

// Decode decodes a message. A message that is best shown as it is has no codec, like text that is not of a text codec.
// An error is an *Error. What only looked like a codec is no error: there is one for what
// has the mark of a codec, must have it by the subprotocol, or was to be decoded so.
func (d *Decoder) Decode(ctx context.Context, m Message) (Decoded, error) {
	if m.Text && !d.codec.takesText {
		return Decoded{}, nil
	}
	d.w.ctx = ctx
	if d.guess != nil {
		return d.decodeAuto(m)
	}
	d.w.reset()
	if err := d.session.decode(&d.w, m); err != nil {
		return Decoded{}, &Error{d.codec.Name, err}
	}
	return Decoded{d.codec.Name, d.w.all()}, nil
}

// maxLayers is how often what was decompressed may be encoded again.
const maxLayers = 3

func (d *Decoder) decodeAuto(m Message) (Decoded, error) {
	var names []string
	var last [][]byte
	for range maxLayers {
		name, err := d.step(m)
		if err != nil && (len(names) == 0 || isFinal(err)) {
			return Decoded{}, &Error{name, err}
		}
		if err != nil || name == "" || name == "json" && len(names) > 0 {
			break
		}
		names = append(names, name)
		last = d.w.all()
		if !d.guess.compresses[name] || len(last) != 1 {
			break
		}
		d.w.detach()
		m.Data = last[0]
	}
	return Decoded{strings.Join(names, ", "), last}, nil
}

// step undoes one codec, which has no name if there is none. With an error it is the codec that failed.
func (d *Decoder) step(m Message) (name string, err error) {
	d.w.reset()
	if d.session == nil {
		return d.guess.decode(&d.w, m.Data)
	}
	failure := d.session.decode(&d.w, m)
	if failure == nil || isFinal(failure) {
		return d.codec.Name, failure
	}
	d.w.reset()
	if name, err = d.guess.decode(&d.w, m.Data); name == "" || err != nil && !isFinal(err) {
		return d.codec.Name, failure
	}
	return name, err
}
