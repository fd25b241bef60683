package daemon

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/dialect"
	"wsx/jq"
	"wsx/recording"
	"wsx/repl/render"
)

// reply is a line that the process of a session sends.
type reply struct {
	recording.Event
	line []byte // as received; the data is decoded in place

	Seq     uint64          `json:"seq"`
	As      json.RawMessage `json:"as"`
	Meaning *meaning        `json:"meaning"`

	// The members of events.
	Subprotocol string `json:"subprotocol"`
	Extensions  string `json:"extensions"`
	After       string `json:"after"`
	Attempt     int    `json:"attempt"`
	First       int    `json:"first"`
	Last        int    `json:"last"`
	Count       int64  `json:"count"`
	Exit        int    `json:"exit"`
	Fin         bool   `json:"fin"`
	RSV         byte   `json:"rsv"`
	Bytes       int64  `json:"bytes"`
	Mask        string `json:"mask"`
	Inflated    *int64 `json:"inflated"`

	Frame frameRest `json:"rest"`

	// The members of errors and answers.
	Class   string `json:"kind"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Number  int    `json:"number"`
	Call    int    `json:"call"`

	Started *dialect.Started `json:"started"`
}

// handshake returns what is known about the opening handshake of a session.
func (r *reply) handshake() *dial.Handshake {
	return &dial.Handshake{
		URL: r.URL, HTTP: r.HTTP, Status: r.Status, Subprotocol: r.Subprotocol, Extensions: r.Extensions,
		Header: r.Headers, Request: r.Request,
	}
}

// event returns the event of a line; ok is false if the line is not an event of a session.
func (r *reply) event() (e client.Event, ok bool, err error) {
	e = client.Event{Time: r.Time}
	if r.Dir == "out" {
		e.Dir = client.Out
	}
	switch r.Event.Event {
	case "open":
		e.Kind, e.Detail = client.KindOpen, r.handshake()
	case "message":
		e.Kind, e.First, e.Last = client.KindMessage, true, true
		if e.Type = client.Text; r.Type == "binary" {
			e.Type = client.Binary
		}
	case "ping":
		e.Kind = client.KindPing
	case "pong":
		e.Kind = client.KindPong
	case "close":
		e.Kind, e.Payload = client.KindClose, []byte(r.Reason)
		if r.Code != nil {
			e.Code = *r.Code
		}
	case "frame":
		e.Kind = client.KindFrame
		e.Detail, err = r.frame(e)
	case "retry":
		after, _ := time.ParseDuration(r.After)
		e.Kind, e.Detail = client.KindRetry, &client.Attempt{After: after, Attempt: r.Attempt, Err: errRetry}
	case "gap":
		e.Kind, e.Detail = client.KindGap, &client.Gap{Count: r.Count}
	case "doubt":
		e.Kind, e.Detail = client.KindUnconfirmed, &client.Unconfirmed{First: r.First, Last: r.Last, Count: int(r.Count)}
	default:
		return e, false, nil
	}
	if r.Data != nil {
		e.Payload, err = r.Payload()
	}
	if err == nil && r.Meaning != nil {
		e.Detail, err = r.meaning(&e)
	}
	return e, true, err
}

var errRetry = errors.New("the connection was lost")

// meaning returns the dialect's translation of a message.
func (r *reply) meaning(e *client.Event) (render.As, error) {
	var as struct {
		Kind string
		ID   string
		Name string
		RTT  float64
		Data json.RawMessage
	}
	if err := json.Unmarshal(r.As, &as); err != nil {
		return render.As{}, err
	}
	event := &dialect.Event{
		Kind: as.Kind, ID: as.ID, Name: as.Name, RTT: time.Duration(as.RTT * float64(time.Second)),
		Live: r.Meaning.Live, Call: r.Meaning.Call, Raw: e.Payload, Binary: e.Type == client.Binary,
	}
	var err error
	if len(as.Data) > 0 {
		event.Data, err = jq.Parse(string(as.Data))
	}
	if err == nil && len(r.Meaning.Shown) > 0 {
		event.Shown, err = jq.Parse(string(r.Meaning.Shown))
	}
	return render.As{Event: event, Again: r.Meaning.Again}, err
}

// frame returns a frame as it was on the wire.
func (r *reply) frame(e client.Event) (*wire.Trace, error) {
	t := &wire.Trace{
		Time: e.Time, Out: e.Dir == client.Out, Fin: r.Fin, Rsv: r.RSV, Length: r.Bytes, Masked: len(r.Mask) == 8,
		Head: r.Frame.Head, Opcode: r.Frame.Opcode, Compressed: r.Inflated != nil, Inflated: r.Bytes,
	}
	if r.Inflated != nil {
		t.Inflated = *r.Inflated
	}
	if t.Masked {
		if _, err := hex.Decode(t.Mask[:], []byte(r.Mask)); err != nil {
			return nil, err
		}
	}
	return t, nil
}
