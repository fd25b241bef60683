package input

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"wsx/client"
)

// record is an event as a recording or a person writes it, as far as it can be said.
type record struct {
	Time     time.Time `json:"time"`
	Event    string    `json:"event"`
	Dir      string    `json:"dir"`
	Type     string    `json:"type"`
	Data     string    `json:"data"`
	Encoding string    `json:"encoding"`
	Code     *int      `json:"code"`
	Reason   string    `json:"reason"`
	Wait     string    `json:"wait"`
}

// heard are the events that a recording has and nobody says.
var heard = []string{"listen", "refused", "open", "frame", "retry", "doubt", "error", "end"}

// isSaid tells what is said from what was heard.
func (r *record) isSaid() bool {
	return r.Dir != "in" && !slices.Contains(heard, r.Event)
}

// parseRecord reads one line.
func parseRecord(text []byte) (record, error) {
	var r record
	err := json.Unmarshal(text, &r)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return r, fmt.Errorf("not JSON at byte %d: %s", syntax.Offset, syntax)
	case errors.As(err, &kind) && kind.Field == "":
		return r, fmt.Errorf("%s instead of a JSON object", kind.Value)
	case errors.As(err, &kind):
		return r, fmt.Errorf("the field %q cannot be a %s", kind.Field, kind.Value)
	case err != nil:
		return r, err
	}
	return r, nil
}

// line makes what is to be said of an event. Messages without a type have the one given.
func (r *record) line(t client.Type) (Line, error) {
	if r.Dir != "" && r.Dir != "out" {
		return Line{}, fmt.Errorf(`"dir" is "in" or "out", not %q`, r.Dir)
	}
	switch {
	case r.Event == "" && r.Wait != "":
		return r.wait()
	case r.Event == "message":
		return r.message(t)
	case r.Event == "ping":
		return r.control(Ping)
	case r.Event == "pong":
		return r.control(Pong)
	case r.Event == "close":
		return r.close()
	case r.Event == "":
		return Line{}, errors.New(`neither "event" nor "wait" is there`)
	}
	return Line{}, fmt.Errorf("%q is not an event", r.Event)
}

func (r *record) wait() (Line, error) {
	pause, err := time.ParseDuration(r.Wait)
	if err != nil || pause < 0 {
		return Line{}, fmt.Errorf(`"wait" is a duration like "200ms", not %q`, r.Wait)
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
		return Line{}, fmt.Errorf(`"type" is "text" or "binary", not %q`, r.Type)
	}
	data, err := r.payload()
	if err == nil && t == client.Text && !utf8.Valid(data) {
		err = errors.New(notUTF8)
	}
	return Line{Type: t, Data: data}, err
}

func (r *record) payload() ([]byte, error) {
	switch r.Encoding {
	case "":
		return []byte(r.Data), nil
	case "base64":
		data, err := base64.StdEncoding.DecodeString(r.Data)
		if err != nil {
			return nil, errors.New(`"data" is not base64`)
		}
		return data, nil
	}
	return nil, fmt.Errorf(`"encoding" can only be "base64", not %q`, r.Encoding)
}

// The sizes of what a control frame carries (RFC 6455, section 5.5), in bytes.
const (
	maxControl = 125
	maxReason  = maxControl - 2
)

func (r *record) control(v Action) (Line, error) {
	data, err := r.payload()
	if err == nil && len(data) > maxControl {
		err = fmt.Errorf("a %s has at most %d bytes, and this has %d", r.Event, maxControl, len(data))
	}
	return Line{Action: v, Data: data}, err
}

func (r *record) close() (Line, error) {
	code := 1000
	if r.Code != nil {
		code = *r.Code
	}
	switch {
	case !sendable(code):
		return Line{}, fmt.Errorf("the close code %d cannot be sent", code)
	case len(r.Reason) > maxReason:
		return Line{}, fmt.Errorf("a close reason has at most %d bytes, and this has %d", maxReason, len(r.Reason))
	case code == 1005 && r.Reason != "":
		return Line{}, errors.New("a close reason needs a code")
	}
	return Line{Action: Close, Code: code, Data: []byte(r.Reason)}, nil
}

// sendable says whether an endpoint may send a close code (RFC 6455, section 7.4); 1005 stands for none.
func sendable(code int) bool {
	switch {
	case code == 1004, code == 1006:
		return false
	case code >= 1000 && code <= 1014:
		return true
	}
	return code >= 3000 && code <= 4999
}
