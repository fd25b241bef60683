package script

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/repl/input"
)

// Run is a running script. It is the source of a session's lines, and waits for what the script expects between them.
type Run struct {
	script *Script
	inbox  *Inbox

	mu        sync.Mutex // guards the fields below
	next      int        // index of the current step
	pending   bool       // the current step was returned by Next, and is done when Next is called again
	captured  map[string]string
	closed    bool      // the peer's Close was expected, and received
	stepStart time.Time // when the current step began
	results   []result  // of connecting, and of each step
}

// NewRun returns a run of a script. Its expectations wait for entries of the inbox, to which the caller must pass received
// events.
func NewRun(s *Script, b *Inbox) *Run {
	return &Run{
		script: s, inbox: b, captured: map[string]string{},
		stepStart: time.Now(), results: make([]result, 1+len(s.steps)),
	}
}

// Inbox returns the inbox of the run.
func (r *Run) Inbox() *Inbox { return r.inbox }

// Ready reports whether Next would return a line without waiting.
func (r *Run) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.next
	if r.pending {
		next++
	}
	return next < len(r.script.steps) && r.script.steps[next].verb == send
}

// Next waits for what the script expects, and returns the next line to send. The error is a *Failure if an expectation was not
// met.
func (r *Run) Next(ctx context.Context) (input.Line, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passConnect()
	if r.pending {
		r.pass()
	}
	for r.next < len(r.script.steps) {
		step := r.script.steps[r.next]
		if step.verb != expect {
			return r.deliver(ctx, step)
		}
		err := r.await(ctx, step)
		if errors.Is(err, errNoMatch) {
			err = r.fail(r.failure(step, r.inbox.timeoutReason(step.wanted.timeout), nil))
		}
		if err != nil {
			return input.Line{}, err
		}
		r.pass()
	}
	return input.Line{}, io.EOF
}

// deliver returns a step as a line to send.
func (r *Run) deliver(ctx context.Context, s step) (input.Line, error) {
	if err := ctx.Err(); err != nil {
		return input.Line{}, err
	}
	r.pending = true
	if s.verb == wait {
		return input.Line{Action: input.Wait, Pause: s.pause, Number: s.number}, nil
	}
	text := s.text.fill(r.captured, literal)
	if !utf8.ValidString(text) {
		return input.Line{}, r.fail(r.failure(s, "the captured text is not UTF-8, as a text message must be", nil))
	}
	if s.plain && strings.HasPrefix(text, "/") {
		text = "/" + text // two slashes stand for one that is sent
	}
	return input.Line{Type: client.Text, Data: []byte(text), Number: s.number}, nil
}

// await waits until the expectation of a step is met, and stores its captures.
func (r *Run) await(ctx context.Context, s step) error {
	match, err := s.wanted.matcher(r.captured)
	if err != nil {
		return r.fail(r.failure(s, err.Error(), nil))
	}
	return r.inbox.await(ctx, s.wanted.timeout, func(a Received) bool {
		captured, ok := match(ctx, a)
		if ok {
			maps.Copy(r.captured, captured)
			r.closed = r.closed || a.isClose()
		}
		return ok
	})
}

// failure returns the error of a step.
func (r *Run) failure(s step, reason string, err error) *Failure {
	f := r.inbox.failure(parseText(s.line).fill(r.captured, literal), reason)
	f.Name, f.Number, f.Err = r.script.name, s.number, err
	return f
}
