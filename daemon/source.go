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

// task is what a process wants the session to do.
type task struct {
	conn   *conn
	number int // to be answered with; 0 = it is not answered
	line   input.Line
	ends   bool     // close the session as it was opened to be
	start  position // where its answers begin
	told   bool     // it was answered
}

// Next returns the next line that a process has for the session. The first call reports that the session is open.
func (s *Server) Next(ctx context.Context) (input.Line, error) {
	if !s.Login {
		s.isReady()
	}
	select {
	case t := <-s.tasks:
		s.mu.Lock()
		s.number++
		t.line.Number = s.number
		t.start = s.ring.last
		s.current = t
		s.mu.Unlock()
		if t.ends {
			s.finish(t)
			return input.Line{}, io.EOF
		}
		return t.line, nil
	case <-ctx.Done():
		return input.Line{}, ctx.Err()
	}
}

// Ready reports whether another line is there.
func (s *Server) Ready() bool { return len(s.tasks) > 0 }

// isReady reports once that the session can be used.
func (s *Server) isReady() {
	s.ready.Do(func() { go s.Opened() }) // ended by its work
}

// mark notes where the answers to a message begin: behind all that was received before it is written. The lock is held.
func (s *Server) mark(e *client.Event) {
	number, ok := e.Detail.(client.LineNumber)
	if t := s.current; ok && t != nil && t.line.Number == int(number) {
		t.start = s.ring.last
		t.conn.begin(t.start)
	}
}

// Called reports that the verb at hand has a number, by which its replies are known.
func (s *Server) Called(call int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.current; t != nil {
		t.start = s.ring.last
		t.conn.begin(t.start)
		t.conn.calls = append(t.conn.calls, call)
		t.answer(answer{Event: "done", Call: call})
	}
}

// Started reports to the process that uses a verb that its messages are about to be sent.
func (s *Server) Started(v dialect.Started) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if slices.Contains(c.calls, v.Call) {
			c.reply(marshal(answer{Event: "started", Started: &v}))
		}
	}
}

// Handled reports the outcome of a line to its process. The session goes on after a line that was refused.
func (s *Server) Handled(_ *input.Line, err error) error {
	s.mu.Lock()
	t := s.current
	s.current = nil
	if t != nil {
		t.conn.begin(t.start)
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
		s.finish(t)
		return err
	case errors.Is(err, client.ErrClosed), errors.Is(err, context.Canceled):
		t.rejectEnded()
		return err
	}
	t.answer(rejected(t.conn.server.o.Hinter, err))
	return nil
}

// finish notes that a process has closed the session.
func (s *Server) finish(t *task) {
	t.answer(answer{Event: "done"})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	t.conn.begin(s.ring.last) // from then on it may get how the session ended, and wait until the name is free
}

// rejectEnded rejects what a process wants because the session has ended.
func (t *task) rejectEnded() {
	t.answer(answer{Event: "rejected", Class: classEnded, Message: fmt.Sprintf("session %s has ended", t.conn.server.o.Name)})
}

// rejectTasks answers for the session once it has ended.
func (s *Server) rejectTasks() {
	for {
		select {
		case t := <-s.tasks:
			if t.ends || t.line.Action == input.Close {
				s.finish(t)
				s.closeIfEnded()
				continue
			}
			t.rejectEnded()
			s.mu.Lock()
			t.conn.begin(s.ring.last)
			s.mu.Unlock()
		case <-s.over:
			return
		}
	}
}

// answer answers a process that wants an answer, once.
func (t *task) answer(a answer) {
	if t.told || t.number == 0 {
		return
	}
	t.told = true
	a.Number, a.Seq = t.number, max(t.start.next, 1)-1
	t.conn.reply(marshal(a))
}

func rejected(hinter render.Hinter, err error) answer {
	return answer{Event: "rejected", Class: render.ErrorKind(err), Message: err.Error(), Advice: hinter.Hint(err)}
}

// newTask reads a request for the session.
func (r *request) newTask(c *conn) (*task, error) {
	t := &task{conn: c, number: r.Number}
	if r.Event.Event == "close" && r.Default {
		t.ends = true
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

func newMeaning(as render.As) meaning {
	m := meaning{Call: as.Event.Call, Live: as.Event.Live, Again: as.Again}
	if as.Event.Shown != nil {
		m.Shown = dialect.AppendValue(nil, as.Event.Shown)
	}
	return m
}
