package client

import (
	"time"

	"wsx/client/wire"
)

// Kind says what happened.
type Kind uint8

// The kinds of event, in the order in which a session meets them.
const (
	KindListening Kind = iota + 1 // clients can come; Detail is *Place
	KindRejected                  // somebody was not let in; Detail is *Stranger
	KindOpen                      // the opening handshake is done; Detail is *Handshake
	KindMessage                   // a message or a piece of one, sent or received
	KindPing
	KindPong
	KindClose       // a Close frame; Code is 1005 when it carried none
	KindFrame       // a frame as it is on the wire, only with Options.Trace; Detail is *wire.Trace
	KindRetry       // another try to connect follows; Detail is *Attempt
	KindUnconfirmed // lines that were written and may not have arrived; Detail is *Doubtful
	KindError       // what ended the session badly; Detail is error
	KindEnd         // nothing follows; Detail is *Summary
)

// Dir is the direction of a message or frame, as seen from us.
type Dir uint8

// What came in, and what went out.
const (
	In Dir = iota
	Out
)

// Type is the type of a message.
type Type = wire.Opcode

// The two types a message can have (RFC 6455, section 5.6).
const (
	Text   = wire.Text
	Binary = wire.Binary
)

// Event is one thing that happened. Events are handed over by value, in the order of cause and effect.
type Event struct {
	Kind    Kind
	Dir     Dir
	Type    Type      // Message: Text or Binary
	First   bool      // Message: it begins here
	Last    bool      // Message: it ends here
	Peer    int       // which client, from 1, where there may be several; 0 = there may not, or it is all of them
	Code    int       // Close: the close code
	Time    time.Time // taken once a read, not once a message
	Payload []byte    // Message, Ping, Pong: the data; Close: the reason. Valid only during the call
	Detail  any       // what the kind says; nil for the others
}
