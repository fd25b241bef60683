package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// shownData is how many bytes of a message a text line or an error shows.
const shownData = 200

// logEntry is one line of the log. Its fields hold what clients sent unchanged; text and object escape control characters, bidi
// controls and invalid UTF-8.
type logEntry struct {
	Time        time.Time `json:"time"`
	Event       string    `json:"event"` // open, message, close, refused or fault
	Client      int       `json:"client,omitempty"`
	Remote      string    `json:"remote,omitempty"`
	URL         string    `json:"url,omitempty"`
	Origin      string    `json:"origin,omitempty"`
	Subprotocol string    `json:"subprotocol,omitempty"`
	Dir         string    `json:"dir,omitempty"` // in = sent by the client
	Type        string    `json:"type,omitempty"`
	Bytes       *int64    `json:"bytes,omitempty"`
	Data        *string   `json:"data,omitempty"` // absent for a message that was sent back while it was received
	Encoding    string    `json:"encoding,omitempty"`
	Code        int       `json:"code,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Received    *int64    `json:"received,omitempty"`
	Sent        *int64    `json:"sent,omitempty"`
	Message     string    `json:"message,omitempty"` // an error
}

// explain records how a connection ended: with the client's Close frame, with the server's, or without one.
func (e *logEntry) explain(err error) {
	if received, ok := errors.AsType[receivedClose](err); ok {
		e.Dir, e.Code, e.Reason = "in", received.code, received.reason
		return
	}
	if sent, ok := errors.AsType[closeFrame](err); ok {
		e.Dir, e.Code, e.Reason = "out", sent.code, sent.reason
		return
	}
	if e.Message = err.Error(); err == io.EOF || err == io.ErrUnexpectedEOF {
		e.Message = "the connection ended without a Close frame"
	}
}

// text returns the line of the text format.
func (e *logEntry) text() string {
	var line strings.Builder
	line.WriteString(e.Time.Format("15:04:05.000"))
	if e.Client > 0 {
		fmt.Fprintf(&line, " #%d", e.Client)
	}
	switch e.Event {
	case "message":
		fmt.Fprintf(&line, " %s %s %d bytes%s", e.Dir, e.Type, *e.Bytes, e.excerpt())
	case "close":
		fmt.Fprintf(&line, " closed%s, %d in, %d out", e.closedBy(), *e.Received, *e.Sent)
	case "fault":
		fmt.Fprintf(&line, " fault %q", e.Message)
	default:
		fmt.Fprintf(&line, " %s from %s %s%s", e.Event, e.Remote, excerpt(e.URL), e.details())
	}
	return line.String()
}

func (e *logEntry) excerpt() string {
	if e.Data == nil {
		return ", echoed while it arrived"
	}
	return " " + excerpt(*e.Data)
}

// excerpt quotes the beginning of a message, or of what a client requested.
func excerpt(data string) string {
	if len(data) <= shownData {
		return strconv.Quote(data)
	}
	return fmt.Sprintf("%q and %d more bytes", data[:shownData], len(data)-shownData)
}

func (e *logEntry) closedBy() string {
	switch {
	case e.Message != "":
		return fmt.Sprintf(" after %q", e.Message)
	case e.Dir == "in":
		return fmt.Sprintf(" by client %d %q", e.Code, e.Reason)
	}
	return fmt.Sprintf(" by the server %d %q", e.Code, e.Reason)
}

func (e *logEntry) details() string {
	var s string
	if e.Origin != "" {
		s += fmt.Sprintf(" origin %s", excerpt(e.Origin))
	}
	if e.Subprotocol != "" {
		s += fmt.Sprintf(" subprotocol %s", excerpt(e.Subprotocol))
	}
	if e.Message != "" {
		s += fmt.Sprintf(": %s", excerpt(e.Message))
	}
	return s
}

// object returns the line of the JSON format. It also escapes DEL, C1 and bidi controls, which JSON allows.
func (e *logEntry) object() string {
	b, _ := json.Marshal(e) // strings and numbers only
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
