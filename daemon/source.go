package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"wsx/client"
	"wsx/dialect"
	"wsx/repl/input"
	"wsx/repl/render"
)

// Next returns the next line for the session. The first call also signals that the session is open.
func (s *Server) Next(ctx context.Context) (input.Line, error) {
	if !s.Login {
		s.signalReady()
	}
	select {
	case t := <-s.tasks:
		s.mu.Lock()
		s.number++
		t.line.Number = s.number
		t.start = s.ring.last
		s.current = t
		s.mu.Unlock()
		if t.closes {
			s.finishClose(t)
			return input.Line{}, io.EOF
		}
		return t.line, nil
	case <-ctx.Done():
		return input.Line{}, ctx.Err()
	}
}

// Ready reports whether Next would return without waiting.
func (s *Server) Ready() bool { return len(s.tasks) > 0 }

// signalReady calls Opened, at the first call only.
func (s *Server) signalReady() {
	s.ready.Do(func() { go s.Opened() }) // ends when Opened returns
}

// mark records where the answers to a message begin: after everything received before it is written.
func (s *Server) mark(e *client.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, ok := e.Detail.(client.MessageNumber)
	if t := s.current; ok && t != nil && t.line.Number == int(number) {
		t.start = s.ring.last
		t.conn.startAt(t.start)
	}
}

// Called sends the process that uses the current verb the number of the call, which its replies have.
func (s *Server) Called(call int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.current; t != nil {
		t.start = s.ring.last
		t.conn.startAt(t.start)
		t.conn.calls = append(t.conn.calls, call)
		t.answer(answer{Event: "done", Call: call})
	}
}

// Started informs the process that uses a verb that its messages are about to be sent.
func (s *Server) Started(v dialect.Started) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if slices.Contains(c.calls, v.Call) {
			c.reply(marshal(answer{Event: "started", Started: &v}))
		}
	}
}

// Handled answers the request of a line: err is its outcome. It returns nil, since the session continues after a rejected line.
func (s *Server) Handled(_ *input.Line, err error) error {
	s.mu.Lock()
	t := s.current
	s.current = nil
	if t != nil {
		t.conn.startAt(t.start)
	}
	s.mu.Unlock()
	if t == nil {
		return err
	}
	switch {
	case err == nil:
		t.answer(answer{Event: "done"})
		return nil
	case errors.Is(err, client.ErrClosed) && t.line.Action == input.Close:
		s.finishClose(t)
		return err
	case errors.Is(err, client.ErrClosed), errors.Is(err, context.Canceled):
		t.rejectEnded()
		return err
	}
	t.answer(rejected(t.conn.server.o.Hinter, err))
	return nil
}

// finishClose records that a process has closed the session.
func (s *Server) finishClose(t *task) {
	t.answer(answer{Event: "done"})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	t.conn.startAt(s.ring.last) // from now on it may read how the session ended, and wait until the name is free
}

// rejectEnded rejects a request because the session has ended.
func (t *task) rejectEnded() {
	t.answer(answer{Event: "rejected", Class: classEnded, Message: fmt.Sprintf("session %s has ended", t.conn.server.o.Name)})
}

// rejectTasks rejects all requests once the session has ended.
func (s *Server) rejectTasks() {
	for {
		select {
		case t := <-s.tasks:
			if t.closes || t.line.Action == input.Close {
				s.finishClose(t)
				s.closeIfEnded()
				continue
			}
			t.rejectEnded()
			s.mu.Lock()
			t.conn.startAt(s.ring.last)
			s.mu.Unlock()
		case <-s.ending:
			return
		}
	}
}

// answer sends the answer to a request that has a number, unless one was sent.
func (t *task) answer(a answer) {
	if t.answered || t.number == 0 {
		return
	}
	t.answered = true
	a.Number, a.Seq = t.number, max(t.start.next, 1)-1
	t.conn.reply(marshal(a))
}

func rejected(hinter render.Hinter, err error) answer {
	return answer{Event: "rejected", Class: render.ErrorKind(err), Message: err.Error(), Hint: hinter.Hint(err)}
}

// newTask returns the task of a request for the session.
func (r *request) newTask(c *conn) (*task, error) {
	t := &task{conn: c, number: r.Number}
	if r.Event.Event == "close" && r.Default {
		t.closes = true
		return t, nil
	}
	if r.Event.Event == "use" {
		t.line = input.Line{Action: input.Use, Verb: r.Verb, Words: r.Words}
		return t, nil
	}
	if r.Dir != "" && r.Dir != "out" {
		return nil, fmt.Errorf(`"dir" must be "out", not %q`, r.Dir)
	}
	data, err := r.Payload()
	if err != nil {
		return nil, err
	}
	switch r.Event.Event {
	case "message":
		t.line = input.Line{Type: client.Text, Data: data, AsIs: true, Frame: r.Frame}
		if r.Type == "binary" || r.Type == "" && r.Encoding != "" {
			t.line.Type = client.Binary
		} else if !utf8.Valid(data) {
			return nil, errors.New("a text message must be UTF-8")
		}
	case "ping":
		t.line = input.Line{Action: input.Ping, Data: data}
	case "pong":
		t.line = input.Line{Action: input.Pong, Data: data}
	case "close":
		t.line = input.Line{Action: input.Close, Code: 1000, Data: []byte(r.Reason)}
		if r.Code != nil {
			t.line.Code = *r.Code
		}
		if err := client.CheckClose(t.line.Code, r.Reason); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("unknown request %q", r.Event.Event)
	}
	return t, nil
}
