package dialect

import (
	"strconv"
	"time"
)

// The kinds of event.
const (
	KindEvent     = "event"     // named by a rule
	KindItem      = "item"      // a further result of a verb
	KindReply     = "reply"     // the reply to a verb
	KindError     = "error"     // the reply to a verb that failed
	KindDone      = "done"      // the end of the results of a verb
	KindReady     = "ready"     // the login is done
	KindRefused   = "refused"   // the login was refused
	KindProtocol  = "protocol"  // of no interest to the user, like a heartbeat
	KindMessage   = "message"   // without a matching rule
	KindOutput    = "output"    // bytes for standard output
	KindErrors    = "errors"    // bytes for standard error
	KindUndecoded = "undecoded" // cannot be decoded
)

// Kinds returns the kinds of event that a script may wait for.
func Kinds() []string {
	return []string{
		KindEvent, KindItem, KindReply, KindError, KindDone, KindReady, KindRefused, KindProtocol, KindMessage, KindOutput, KindErrors,
	}
}

// Event is the meaning of a message.
type Event struct {
	Kind string
	ID   string        // id of the request that it belongs to; "" = no request
	Name string        // of the event, or of the verb's request
	Data any           // its data, as a value of jq
	RTT  time.Duration // from the request to the reply; 0 = not a reply
	Live bool          // the verb is a subscription
	Call int           // number of the verb that it belongs to; 0 = no verb
	Raw  []byte        // the received message; nil = no message was received

	Binary bool // Raw was in a binary message

	Shown any // what to show instead of Data; nil = Data
}

// Final reports whether the event is the last result of a verb.
func (e *Event) Final() bool {
	return e.Kind == KindReply || e.Kind == KindError || e.Kind == KindDone
}

// Hidden reports whether an event is shown only if all events are.
func (e *Event) Hidden() bool {
	return e.Kind == KindProtocol || e.Kind == KindReady || e.Kind == KindDone
}

// Value returns the data to show, as a value of jq. ok is false if the message is shown unchanged.
func (e *Event) Value() (value any, ok bool) {
	switch {
	case e.Kind == KindUndecoded, e.Kind == KindMessage, e.Kind == KindOutput, e.Kind == KindErrors:
		return nil, false
	case e.Shown != nil:
		return e.Shown, true
	}
	return e.Data, true
}

// Text returns the text to show: a string or bytes unchanged, anything else as compact JSON.
func (e *Event) Text() []byte {
	value := e.Data
	if e.Shown != nil {
		value = e.Shown
	}
	switch {
	case e.Kind == KindUndecoded || e.Kind == KindMessage && e.Shown == nil:
		return e.Raw
	case e.Kind == KindOutput || e.Kind == KindErrors:
		if data, ok := bytesOf(value); ok {
			return data
		}
	}
	return []byte(text(value))
}

// AppendJSON appends the event as JSON, for the member "as" of a message event.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(append(dst, `{"kind":"`...), e.Kind...)
	dst = append(dst, '"')
	if e.ID != "" {
		dst = append(append(dst, `,"id":`...), jsonText(e.ID)...)
	}
	if e.Name != "" {
		dst = append(append(dst, `,"name":`...), jsonText(e.Name)...)
	}
	if e.RTT > 0 {
		dst = strconv.AppendFloat(append(dst, `,"rtt":`...), e.RTT.Seconds(), 'f', -1, 64)
	}
	if e.Data != nil {
		dst = append(append(dst, `,"data":`...), jsonText(e.Data)...)
	}
	return append(dst, '}')
}

// Started is a verb whose messages are sent with this output.
type Started struct {
	Call    int  `json:"call"`
	Awaited bool `json:"awaited"` // a reply is expected
	Live    bool `json:"live"`    // further results may follow until it is done
}

// Close is a Close frame to send.
type Close struct {
	Code   int
	Reason string
}

// Output is what the caller must do.
type Output struct {
	Send    []Message
	Events  []Event
	Started []Started
	Close   *Close // nil = go on
	Exit    *int   // the exit code to end with; nil = go on
	Notes   []string
	Next    time.Time // when to call Tick; zero = never

	Rescheduled bool // Next differs from that of the output before

	number  int  // among the outputs that a Queue keeps in order, from 1; 0 = it is not one of them: there are at most events to show
	closing bool // made by BeforeClose
}
