package client

import "time"

// Message is a message to send, with how to send it, or one that Messages has received.
type Message struct {
	Type      Type
	Data      []byte
	FrameSize int  // largest frame, in bytes; 0 = one frame whatever its size
	Number    int  // the caller's number for it, from 1, that an Unconfirmed event has; 0 = none
	Repeat    bool // send it again, before all other messages, whenever the session reconnects
}

// fragment is a message or a fragment of one.
type fragment struct {
	kind        Type
	data        []byte
	first, last bool
}

// write writes a whole message as such, and a fragment as a frame of its own.
func (f fragment) write(c *conn) error {
	if f.first && f.last {
		return c.WriteMessage(f.kind, f.data)
	}
	return c.WriteFragment(f.kind, f.data, f.first, f.last)
}

// event returns the event of sending it now.
func (f fragment) event() Event {
	return Event{Kind: KindMessage, Dir: Out, Type: f.kind, First: f.first, Last: f.last, Time: time.Now(), Payload: f.data}
}
