package repl

import (
	"context"
	"errors"

	"wsx/client"
	"wsx/repl/input"
)

// nextSession is an open session that is used when the present one has ended. Its events until then are kept.
type nextSession struct {
	handler client.Handler // of its events, once it is used
	url     string
	options client.Options
	session *client.Session
	started bool
	pending []client.Event
}

// Handle passes an event to the handler, or keeps it until the session is used.
func (n *nextSession) Handle(e client.Event) error {
	if !n.started {
		n.pending = append(n.pending, e) // an open event, which has no payload that would become invalid
		return nil
	}
	return n.handler.Handle(e)
}

// Flush is called before the session waits.
func (n *nextSession) Flush() error { return n.handler.Flush() }

// discard ends a session that is not used.
func (n *nextSession) discard() {
	n.session.Abort(goingAway, "")
	n.session.Run()
}

// dialNext opens the next session. If that worked, it returns errQuit, which ends the present one.
func (s *sender) dialNext(ctx context.Context, url string, o client.Options) error {
	if s.Dial != nil {
		return errors.New("this session belongs to another process: detach first, then connect to the other server")
	}
	next := &nextSession{handler: s.receiver, url: url, options: o}
	session, err := client.Dial(ctx, url, o, next)
	if err != nil {
		return err
	}
	next.session = session
	s.next = next
	return errQuit
}

// startNext switches to the next session.
func (s *sender) startNext() Session {
	next := s.next
	if next.url != s.URL {
		s.URL, s.KeepAs = next.url, ""
	}
	s.Options = next.options
	s.Accept, s.next, s.offline = nil, nil, false
	next.started = true
	s.session = nil // Run logs in to the next one
	for _, e := range next.pending {
		s.receiver.Handle(e)
	}
	return next.session
}

// canReopen reports whether the session was lost and the user at a prompt can open it again.
func (r *REPL) canReopen(ctx context.Context, err error) bool {
	var lost *client.LostError
	return r.Interactive && errors.As(err, &lost) && ctx.Err() == nil && !r.quitting.Load()
}

// errNotConnected is the error of a line when there is no connection to send it on.
var errNotConnected = errors.New("not connected: press Enter on an empty line to reconnect")

// awaitReopen keeps the prompt after a loss, until another session is open or the input ends.
func (s *sender) awaitReopen(ctx context.Context, lost error) {
	s.offline = true
	s.Output.Status("* " + lost.Error() + "; Enter reconnects, /quit ends")
	if s.unsent != "" {
		s.handleOffline(ctx, &input.Line{Type: client.Text, Data: []byte(s.unsent)})
		s.unsent = ""
	}
	for {
		line, err := s.Source.Next(ctx)
		if err == nil {
			err = s.handleOffline(ctx, &line)
		}
		if err != nil {
			return
		}
	}
}

// handleOffline handles a line while there is no connection. An error ends the wait.
func (s *sender) handleOffline(ctx context.Context, line *input.Line) error {
	command, done := s.startCommand(ctx, line)
	err := errNotConnected
	switch {
	case len(line.Data) == 0:
		err = s.dialNext(command, s.URL, s.Options)
	case s.slashes(line) == 1:
		err = s.runCommand(command, string(line.Data))
	case s.Unread != nil:
		s.Unread(string(line.Data))
	}
	cancelled := done()
	switch {
	case errors.Is(err, errQuit), ctx.Err() != nil:
		return errQuit
	case cancelled:
		return s.Output.Status("cancelled")
	case errors.Is(err, client.ErrClosed):
		err = errNotConnected
	case err == nil:
		return nil
	}
	return s.Output.Error(err)
}
