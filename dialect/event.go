package dialect

import (
	"strconv"
	"time"
)

// The kinds of event.
const (
	KindEvent     = "event"     // the server named it
	KindItem      = "item"      // one more result of a verb
	KindReply     = "reply"     // what a verb awaited
	KindError     = "error"     // the reply to a verb that failed
	KindDone      = "done"      // nothing more comes for a verb
	KindReady     = "ready"     // the login is done
	KindRefused   = "refused"   // the login was refused
	KindProtocol  = "protocol"  // of no use to a person, like a heartbeat
	KindMessage   = "message"   // no rule knows it
	KindOutput    = "output"    // bytes for standard output
	KindErrors    = "errors"    // bytes for standard error
	KindUndecoded = "undecoded" // it does not decode
)

// Kinds returns the kinds of event that a script may wait for.
func Kinds() []string {
	return []string{
		KindEvent, KindItem, KindReply, KindError, KindDone, KindReady, KindRefused, KindProtocol, KindMessage, KindOutput, KindErrors,
	}
}

// Event is what a message means.
type Event struct {
	Kind string
	ID   string        // of the request that it belongs to; "" = none
	Name string        // of the event, or of the verb's request
	Data any           // what it carries, as jq has values
	RTT  time.Duration // from the request to the reply; 0 = it is none
	Live bool          // that verb is a subscription
	Call int           // number of the verb that it belongs to; 0 = none
	Raw  []byte        // what was received; nil = nothing was

	Binary bool // Raw was in a binary message

	Shown any // instead of Data; nil = Data
}

// Final reports whether it is the end of what a verb waits for.
func (e *Event) Final() bool {
	return e.Kind == KindReply || e.Kind == KindError || e.Kind == KindDone
}

// Hidden reports whether an event is only shown where everything is.
func (e *Event) Hidden() bool {
	return e.Kind == KindProtocol || e.Kind == KindReady || e.Kind == KindDone
}

// Value is what a person or a script is shown, as jq has values. ok is false for what is shown as it is.
func (e *Event) Value() (value any, ok bool) {
	switch {
	case e.Kind == KindUndecoded, e.Kind == KindMessage, e.Kind == KindOutput, e.Kind == KindErrors:
		return nil, false
	case e.Shown != nil:
		return e.Shown, true
	}
	return e.Data, true
}

// Text is what a person or a script is shown: a string as it is, bytes as they are, anything else as compact JSON.
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

// AppendJSON appends the event as the member "as" of a message event has it.
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
	Call    int
	Awaited bool // a reply comes
	Live    bool // more may come until it is done
}

// Close is a Close that is to be sent.
type Close struct {
	Code   int
	Reason string
}

// Output is what is to be done.
type Output struct {
	Send    []Message
	Events  []Event
	Started []Started
	Close   *Close // nil = go on
	Exit    *int   // the exit code to end with; nil = go on
	Notes   []string
	Next    time.Time // when Tick wants to be called; zero = never
}
