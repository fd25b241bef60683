package client

import (
	"context"
	"iter"
)

// Messages connects to url and returns a sequence of the received messages. Each is whole, and its Data belongs to the caller.
// An error of Dial or Session.Run is the last element; when the loop is left early, the session is closed with 1000.
//
// send is called with the session in a goroutine of its own as soon as that is open; nil = nothing is sent. Options.MaxMessage
// bounds the memory for a message.
func Messages(ctx context.Context, url string, o Options, send func(*Session)) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		c := &collector{messages: make(chan Message), left: make(chan struct{})}
		s, err := Dial(ctx, url, o, c)
		if err != nil {
			yield(Message{}, err)
			return
		}
		stop := context.AfterFunc(ctx, func() { s.CloseNow(GoingAway, "") })
		defer stop()
		sent := make(chan struct{})
		go func() { // ended by the session's end
			defer close(sent)
			if send != nil {
				send(s)
			}
		}()
		ended := make(chan error, 1)
		go func() { ended <- s.Run() }()
		err = c.forward(ended, yield)
		s.CloseNow(1000, "")
		if c.stopped {
			<-ended
		} else if err == nil {
			err = context.Cause(ctx)
		}
		<-sent
		if err != nil && !c.stopped {
			yield(Message{}, err)
		}
	}
}

// collector joins fragments, and passes whole messages to the loop over Messages.
type collector struct {
	messages chan Message
	left     chan struct{} // closed when the loop was left
	stopped  bool          // the same, for the goroutine of the loop
	held     []byte        // fragments of a message; the receiver's own
}

// Handle collects received messages.
func (c *collector) Handle(e Event) error {
	if e.Kind != KindMessage || e.Dir != In {
		return nil
	}
	c.held = append(c.held, e.Payload...)
	if !e.Last {
		return nil
	}
	m := Message{Type: e.Type, Data: c.held}
	c.held = nil
	select {
	case c.messages <- m:
	case <-c.left:
	}
	return nil
}

// Flush does nothing: nothing is buffered.
func (c *collector) Flush() error { return nil }

// forward yields messages until the session has ended, and returns why, or until the loop is left.
func (c *collector) forward(ended <-chan error, yield func(Message, error) bool) error {
	for {
		select {
		case m := <-c.messages:
			if !yield(m, nil) {
				c.stopped = true
				close(c.left)
				return nil
			}
		case err := <-ended:
			return err
		}
	}
}
