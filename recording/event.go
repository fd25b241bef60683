package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Event is a line of a recording: an event of a session, or a message to send.
type Event struct {
	Time     time.Time           `json:"time"`
	Event    string              `json:"event"`
	Client   int                 `json:"client"` // number of the client, if several may connect; 0 = one at a time
	Remote   string              `json:"remote"` // address of a client that connected to this server
	Dir      string              `json:"dir"`    // "in" or "out"
	Type     string              `json:"type"`   // "text" or "binary"
	Data     Literal             `json:"data"`
	Encoding string              `json:"encoding"` // of the data: "base64", or "" for text
	Code     *int                `json:"code"`     // of a close; nil = no code
	Reason   string              `json:"reason"`
	Wait     string              `json:"wait"` // delay before the next event; only in files written by hand
	URL      string              `json:"url"`
	HTTP     string              `json:"http"`
	Status   int                 `json:"status"`
	Headers  map[string][]string `json:"headers"`
	Request  []string            `json:"request"`
}

// Parse parses one line. The event's data refers to the line.
func Parse(line []byte) (Event, error) {
	var e Event
	err := json.Unmarshal(line, &e)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return e, fmt.Errorf("not JSON at byte %d: %s", syntax.Offset, syntax)
	case errors.As(err, &kind) && kind.Field == "":
		return e, fmt.Errorf("expected a JSON object, not %s", kind.Value)
	case errors.As(err, &kind):
		return e, fmt.Errorf("the field %q cannot be a %s", kind.Field, kind.Value)
	}
	return e, err
}

// InSession reports whether the event is a message, ping, pong or close.
func (e *Event) InSession() bool {
	switch e.Event {
	case "message", "ping", "pong", "close":
		return true
	}
	return false
}

// Sent reports whether the client sent the event.
func (e *Event) Sent() bool { return e.Dir == "out" }

// code returns the close code, 0 without one.
func (e *Event) code() int {
	if e.Code == nil {
		return 0
	}
	return *e.Code
}

// Mirror turns an event recorded by a server into the same event seen from its client.
func (e *Event) Mirror() {
	switch e.Dir {
	case "in":
		e.Dir = "out"
	case "out":
		e.Dir = "in"
	}
}

// check returns an error if the event lacks a member.
func (e *Event) check() error {
	switch {
	case e.Event == "":
		return errors.New(`not a recording: "event" is missing`)
	case e.Time.IsZero():
		return errors.New(`not a recording: "time" is missing`)
	case e.Time.Year() < 1970 || e.Time.Year() > 2261:
		return fmt.Errorf("the year %d is out of range", e.Time.Year()) // of nanoseconds in 64 bits
	case !e.InSession():
		return nil
	case e.Dir != "in" && e.Dir != "out":
		return fmt.Errorf(`"dir" must be "in" or "out", not %q`, e.Dir)
	case e.Event == "message" && e.Type != "text" && e.Type != "binary":
		return fmt.Errorf(`"type" must be "text" or "binary", not %q`, e.Type)
	case e.Encoding != "" && e.Encoding != "base64":
		return errEncoding(e.Encoding)
	case e.Event == "close" && (e.code() < 1000 || e.code() > 4999):
		return fmt.Errorf(`%d is not a close code`, e.code())
	}
	return nil
}
