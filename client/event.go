package client

import (
	"fmt"
	"time"

	"wsx/client/wire"
)

// Kind is the kind of an event.
type Kind uint8

// The kinds of event, in the order in which they first occur in a session.
const (
	KindListening Kind = iota + 1 // clients can connect; Detail is *Listening
	KindRejected                  // a client was rejected; Detail is *RejectedClient
	KindOpen                      // the opening handshake is done; Detail is *dial.Handshake
	KindMessage                   // a message or a fragment of one, sent or received; Detail of a whole message sent with Message.Number is its MessageNumber
	KindInvalid                   // a text message, or the rest of one, that is not UTF-8: the session ends with 1007
	KindPing
	KindPong
	KindClose       // a Close frame; Code is 1005 when it carried none
	KindFrame       // a frame as it is on the wire, only with Options.Trace; Detail is *wire.Trace
	KindRetry       // another attempt to connect follows; Detail is *Attempt
	KindGap         // messages were dropped before the handler could read them; Detail is *Gap; never reported by a Session
	KindUnconfirmed // messages that may not have arrived; Detail is *Unconfirmed
	KindError       // an error that ended the session, after Run has returned it; Detail is an error
	KindEnd         // nothing follows, after Run has returned
)

// String returns the name of the kind.
func (k Kind) String() string {
	names := [...]string{
		KindListening: "listening", KindRejected: "rejected", KindOpen: "open", KindMessage: "message", KindInvalid: "invalid", KindPing: "ping", KindPong: "pong",
		KindClose: "close", KindFrame: "frame", KindRetry: "retry", KindUnconfirmed: "unconfirmed", KindGap: "gap", KindError: "error", KindEnd: "end",
	}
	if k == 0 || int(k) >= len(names) {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return names[k]
}

// Dir is the direction of a message or frame, as this side sees it.
type Dir uint8

// The two directions: received, and sent.
const (
	In Dir = iota
	Out
)

// String returns "in" or "out".
func (d Dir) String() string {
	if d == In {
		return "in"
	}
	return "out"
}

// Type is the type of a message.
type Type = wire.Opcode

// The two types a message can have (RFC 6455, section 5.6).
const (
	Text   = wire.Text
	Binary = wire.Binary
)

// Event is something that happened in a session. Events are passed by value, in the order of cause and effect.
type Event struct {
	Kind    Kind
	Dir     Dir
	Type    Type      // Message, Invalid: Text or Binary
	First   bool      // Message, Invalid: it begins here
	Last    bool      // Message, Invalid: it ends here
	Peer    int       // number of the client, from 1, if several may connect; 0 = only one may, or all clients
	Code    int       // Close: the close code
	Time    time.Time // of the read that returned it: messages received together have the same time
	Payload []byte    // Message, Ping, Pong: the data; Close: the reason. Valid only during the call
	Detail  any       // depends on the kind; nil where the kind names none
}
