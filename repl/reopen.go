package repl

import (
	"context"
	"errors"

	"wsx/client"
	"wsx/repl/input"
)

// nextSession is a session that is open, and begins when the present one has ended. What it reports until then is kept.
type nextSession struct {
	handler  client.Handler // of its events, once it has begun
	url      string
	options  client.Options
	session  *client.Session
	begun    bool
	reported []client.Event
}

// Handle handles an event of the session, once it has begun.
func (n *nextSession) Handle(e client.Event) error {
	if !n.begun {
		n.reported = append(n.reported, e) // it opened, which has no payload
		return nil
	}
	return n.handler.Handle(e)
}

// Flush is called before the session waits.
func (n *nextSession) Flush() error { return n.handler.Flush() }

// abandon ends a session that never begins.
func (n *nextSession) abandon() {
	n.session.Abort(goingAway, "")
	n.session.Run()
}

// dialNext opens the session after the present one, and has that end if it worked.
func (c *sender) dialNext(ctx context.Context, url string, o client.Options) error {
	if c.Dial != nil {
		return errors.New("this session belongs to another process: detach first, then connect to the other server")
	}
	next := &nextSession{handler: c.receiver, url: url, options: o}
	session, err := client.Dial(ctx, url, o, next)
	if err != nil {
		return err
	}
	next.session = session
	c.next = next
	return errQuit
}

// follow begins the next session.
func (c *sender) follow() Session {
	next := c.next
	if next.url != c.URL {
		c.URL, c.KeepAs = next.url, ""
	}
	c.Options = next.options
	c.Accept, c.next, c.offline = nil, nil, false
	next.begun = true
	for _, e := range next.reported {
		c.receiver.Handle(e)
	}
	return next.session
}

// canReopen reports whether a session has ended that a person at a prompt may want to open again.
func (c *REPL) canReopen(ctx context.Context, err error) bool {
	var lost *client.LostError
	return c.Interactive && errors.As(err, &lost) && ctx.Err() == nil && !c.quitting.Load()
}

// errOffline is the error of a line when there is no connection to send it on.
var errOffline = errors.New("not connected: press Enter on an empty line to reconnect")

// awaitReopen keeps the prompt after a loss, until another session is open or the input ends.
func (c *sender) awaitReopen(ctx context.Context, lost error) {
	c.offline = true
	c.Output.Status("* " + lost.Error() + "; Enter reconnects, /quit ends")
	for {
		line, err := c.Source.Next(ctx)
		if err == nil {
			err = c.handleOffline(ctx, &line)
		}
		if err != nil {
			return
		}
	}
}

// handleOffline does what a line asks for that needs no connection. Its error ends the waiting.
func (c *sender) handleOffline(ctx context.Context, line *input.Line) error {
	command, done := c.startCommand(ctx, line)
	err := errOffline
	switch {
	case len(line.Data) == 0:
		err = c.dialNext(command, c.URL, c.Options)
	case c.slashes(line) == 1:
		err = c.runCommand(command, string(line.Data))
	case c.Unread != nil:
		c.Unread(string(line.Data))
	}
	cancelled := done()
	switch {
	case errors.Is(err, errQuit), ctx.Err() != nil:
		return errQuit
	case cancelled:
		return c.Output.Status("cancelled")
	case errors.Is(err, client.ErrClosed):
		err = errOffline
	case err == nil:
		return nil
	}
	return c.Output.Error(err)
}
