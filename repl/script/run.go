package script

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"wsx/repl/input"
)

// Run is a running script. It is the source of a session's lines, and waits for what the script expects between them.
type Run struct {
	script  *Script
	inbox   *Inbox
	reached atomic.Pointer[progress] // by Next, which replaces it
	ended   progress                 // what Finish has made of it
}

// NewRun returns a run of a script. Its expectations wait for entries of the inbox, to which the caller must pass received
// events.
func NewRun(s *Script, b *Inbox) *Run {
	r := &Run{script: s, inbox: b}
	r.save(progress{run: r, captured: map[string]string{}, stepStart: time.Now()})
	return r
}

// Inbox returns the inbox of the run.
func (r *Run) Inbox() *Inbox { return r.inbox }

// save sets how far Next has come. Finish may be called meanwhile.
func (r *Run) save(p progress) { r.reached.Store(&p) }

// Ready reports whether Next would return a line without waiting.
func (r *Run) Ready() bool {
	p := r.reached.Load()
	next := p.next()
	if p.pending {
		next++
	}
	return next < len(r.script.steps) && r.script.steps[next].verb == send
}

// Next waits for what the script expects, and returns the next line to send. The error is a *Failure if an expectation was not
// met.
func (r *Run) Next(ctx context.Context) (input.Line, error) {
	p := *r.reached.Load()
	defer func() { r.save(p) }()
	p.passConnect()
	if p.pending {
		p.pass()
	}
	for p.next() < len(r.script.steps) {
		r.save(p)
		step := r.script.steps[p.next()]
		if step.verb != expect {
			return p.deliver(ctx, step)
		}
		err := p.await(ctx, step)
		if errors.Is(err, errNoMatch) {
			err = p.fail(p.failure(step, r.inbox.timeoutReason(step.wanted.timeout), nil))
		}
		if err != nil {
			return input.Line{}, err
		}
		p.pass()
	}
	return input.Line{}, io.EOF
}
