package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/coder/websocket"
)

// shownData is how much of a message a line for people shows, bytes.
const shownData = 200

// note is one line of the journal. What clients said stands in it as it came; text and object make it fit to be
// seen: no control character, bidi control or invalid UTF-8 of theirs leaves them.
type note struct {
	Time        time.Time `json:"time"`
	Event       string    `json:"event"` // open, message, close, refused or fault
	Client      int       `json:"client,omitempty"`
	Remote      string    `json:"remote,omitempty"`
	URL         string    `json:"url,omitempty"`
	Origin      string    `json:"origin,omitempty"`
	Subprotocol string    `json:"subprotocol,omitempty"`
	Dir         string    `json:"dir,omitempty"` // in = the client said it
	Type        string    `json:"type,omitempty"`
	Bytes       *int64    `json:"bytes,omitempty"`
	Data        *string   `json:"data,omitempty"` // absent for a message that was answered while it came
	Encoding    string    `json:"encoding,omitempty"`
	Code        int       `json:"code,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Received    *int64    `json:"received,omitempty"`
	Sent        *int64    `json:"sent,omitempty"`
	Message     string    `json:"message,omitempty"` // what went wrong
}

// explain says how a session ended: with the client's Close, with ours, or without.
func (n *note) explain(err error) {
	if said, ok := errors.AsType[websocket.CloseError](err); ok {
		n.Dir, n.Code, n.Reason = "in", int(said.Code), said.Reason
		return
	}
	if ours, ok := errors.AsType[farewell](err); ok {
		n.Dir, n.Code, n.Reason = "out", int(ours.code), ours.reason
		return
	}
	n.Message = err.Error()
}

// text is the line for people.
func (n *note) text() string {
	var line strings.Builder
	line.WriteString(n.Time.Format("15:04:05.000"))
	if n.Client > 0 {
		fmt.Fprintf(&line, " #%d", n.Client)
	}
	switch n.Event {
	case "message":
		fmt.Fprintf(&line, " %s %s %d bytes%s", n.Dir, n.Type, *n.Bytes, n.excerpt())
	case "close":
		fmt.Fprintf(&line, " closed%s, %d in, %d out", n.how(), *n.Received, *n.Sent)
	case "fault":
		fmt.Fprintf(&line, " fault %q", n.Message)
	default:
		fmt.Fprintf(&line, " %s from %s %q%s", n.Event, n.Remote, n.URL, n.circumstances())
	}
	return line.String()
}

func (n *note) excerpt() string {
	if n.Data == nil {
		return ", answered while it came"
	}
	data := *n.Data
	if len(data) <= shownData {
		return " " + strconv.Quote(data)
	}
	return fmt.Sprintf(" %q and %d bytes more", data[:shownData], len(data)-shownData)
}

func (n *note) how() string {
	switch {
	case n.Message != "":
		return fmt.Sprintf(" after %q", n.Message)
	case n.Dir == "in":
		return fmt.Sprintf(" by client %d %q", n.Code, n.Reason)
	}
	return fmt.Sprintf(" by us %d %q", n.Code, n.Reason)
}

func (n *note) circumstances() string {
	var s string
	if n.Origin != "" {
		s += fmt.Sprintf(" origin %q", n.Origin)
	}
	if n.Subprotocol != "" {
		s += fmt.Sprintf(" subprotocol %q", n.Subprotocol)
	}
	if n.Message != "" {
		s += fmt.Sprintf(": %q", n.Message)
	}
	return s
}

// object is the line for programs. JSON alone would let DEL, C1 and bidi controls through.
func (n *note) object() string {
	b, _ := json.Marshal(n) // strings and numbers only
	var line strings.Builder
	for _, c := range string(b) {
		switch {
		case unicode.IsPrint(c):
			line.WriteRune(c)
		case c > 0xFFFF:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&line, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&line, `\u%04x`, c)
		}
	}
	return line.String()
}

func typeName(typ websocket.MessageType) string {
	if typ == websocket.MessageBinary {
		return "binary"
	}
	return "text"
}
