package input

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/wire"
	"wsx/recording"
)

// record is an event in a recording or written by hand.
type record struct{ recording.Event }

// isSent reports whether it is an event that is sent, and not one that was received.
func (r *record) isSent() bool {
	switch r.Event.Event {
	case "listen", "refused", "open", "frame", "retry", "gap", "doubt", "error", "end":
		return false
	}
	return r.Dir != "in"
}

// line converts an event to a line. t is the type of messages that have none.
func (r *record) line(t client.Type) (Line, error) {
	if r.Dir != "" && r.Dir != "out" {
		return Line{}, fmt.Errorf(`"dir" must be "in" or "out", not %q`, r.Dir)
	}
	switch {
	case r.Event.Event == "" && r.Wait != "":
		return r.wait()
	case r.Event.Event == "message":
		return r.message(t)
	case r.Event.Event == "ping":
		return r.control(Ping)
	case r.Event.Event == "pong":
		return r.control(Pong)
	case r.Event.Event == "close":
		return r.close()
	case r.Event.Event == "":
		return Line{}, errors.New(`it has neither "event" nor "wait"`)
	}
	return Line{}, fmt.Errorf("%q is not an event", r.Event.Event)
}

func (r *record) wait() (Line, error) {
	pause, err := time.ParseDuration(r.Wait)
	if err != nil || pause < 0 {
		return Line{}, fmt.Errorf(`"wait" must be a duration like "200ms", not %q`, r.Wait)
	}
	return Line{Action: Wait, Pause: pause}, nil
}

func (r *record) message(t client.Type) (Line, error) {
	switch r.Type {
	case "":
	case "text":
		t = client.Text
	case "binary":
		t = client.Binary
	default:
		return Line{}, fmt.Errorf(`"type" must be "text" or "binary", not %q`, r.Type)
	}
	data, err := r.Payload()
	if err == nil && t == client.Text && !utf8.Valid(data) {
		err = errors.New(notUTF8)
	}
	return Line{Type: t, Data: data}, err
}

func (r *record) control(v Action) (Line, error) {
	data, err := r.Payload()
	if err == nil && len(data) > wire.MaxControl {
		err = fmt.Errorf("a %s has at most %d bytes, not %d", r.Event.Event, wire.MaxControl, len(data))
	}
	return Line{Action: v, Data: data}, err
}

func (r *record) close() (Line, error) {
	code := 1000
	if r.Code != nil {
		code = *r.Code
	}
	switch {
	case !wire.ValidCode(code) && code != wire.CodeNone:
		return Line{}, fmt.Errorf("the close code %d cannot be sent", code)
	case len(r.Reason) > wire.MaxReason:
		return Line{}, fmt.Errorf("a close reason has at most %d bytes, not %d", wire.MaxReason, len(r.Reason))
	case code == wire.CodeNone && r.Reason != "":
		return Line{}, errors.New("a close reason needs a code")
	}
	return Line{Action: Close, Code: code, Data: []byte(r.Reason)}, nil
}
