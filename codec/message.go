package codec

// Message is a message of a session.
type Message struct {
	Data []byte
	Text bool
	Sent bool // false = received
}

// sessionDecoder decodes the messages of one session.
type sessionDecoder interface {
	decode(w *writer, m Message) error
	pending(sent bool) int // number of bytes of a direction that are not decoded yet
	close()
}

// decodeFunc decodes messages that do not depend on each other.
type decodeFunc func(w *writer, payload []byte) error

// stateless returns a constructor of a decoder that keeps no state.
func stateless(decode decodeFunc) func(Options) sessionDecoder {
	return func(Options) sessionDecoder { return decode }
}

// counted returns a function that counts the values of a long payload before it writes them.
func counted(decode decodeFunc) decodeFunc {
	return func(w *writer, payload []byte) error {
		return w.write(len(payload), func() error { return decode(w, payload) })
	}
}

func (f decodeFunc) decode(w *writer, m Message) error {
	if err := f(w, m.Data); err != nil {
		return err
	}
	return w.err
}

func (decodeFunc) pending(bool) int { return 0 }

func (decodeFunc) close() {}

// Encoder encodes JSON. It is for one goroutine at a time, as the encoder of MQTT keeps the version of the protocol.
type Encoder func(text []byte) (Message, error)
