package script

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"wsx/client"
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

// state is the state of a step.
type state uint8

const (
	notReached state = iota
	passed
	failed
)

// result is the result of a step.
type result struct {
	state state
	took  time.Duration
	err   error // failed: why
}

// progress is how far a run has come. What a copy refers to is not changed any more: lists only grow, and maps are replaced.
type progress struct {
	run       *Run
	results   []result // of connecting, and of each step that has ended
	pending   bool     // the current step was returned by Next, and is done when Next is called again
	captured  map[string]string
	closed    bool      // the peer's Close was expected, and received
	stepStart time.Time // when the current step began
}

// next returns the index of the current step, once the session is connected and if none has failed.
func (p *progress) next() int { return len(p.results) - 1 }

// connected reports whether the session is connected, or has failed to connect.
func (p *progress) connected() bool { return len(p.results) > 0 }

// passConnect records that the session is connected.
func (p *progress) passConnect() {
	if !p.connected() {
		p.add(passed, nil)
	}
}

// pass records that the current step has passed.
func (p *progress) pass() {
	p.pending = false
	p.add(passed, nil)
}

// fail records that the current step failed, or connecting if there is no step yet, and returns err.
func (p *progress) fail(err error) error {
	if len(p.results) <= len(p.run.script.steps) {
		p.add(failed, err)
	}
	return err
}

// add adds the result of connecting or of a step, and the time that it took until now.
func (p *progress) add(state state, err error) {
	now := time.Now()
	p.results = append(p.results, result{state, now.Sub(p.stepStart), err})
	p.stepStart = now
}

// failed returns the error of the step that failed; nil = no step failed.
func (p *progress) failed() error {
	for _, one := range p.results {
		if one.state == failed {
			return one.err
		}
	}
	return nil
}

// deliver returns a step as a line to send.
func (p *progress) deliver(ctx context.Context, s step) (input.Line, error) {
	if err := ctx.Err(); err != nil {
		return input.Line{}, err
	}
	p.pending = true
	if s.verb == wait {
		return input.Line{Action: input.Wait, Pause: s.pause, Number: s.number}, nil
	}
	text := s.text.fill(p.captured, literal)
	if !utf8.ValidString(text) {
		return input.Line{}, p.fail(p.failure(s, "the captured text is not UTF-8, as a text message must be", nil))
	}
	if s.plain && strings.HasPrefix(text, "/") {
		text = "/" + text // two slashes stand for one that is sent
	}
	return input.Line{Type: client.Text, Data: []byte(text), Number: s.number}, nil
}

// await waits until the expectation of a step is met, and stores its captures.
func (p *progress) await(ctx context.Context, s step) error {
	match, err := s.wanted.matcher(p.captured)
	if err != nil {
		return p.fail(p.failure(s, err.Error(), nil))
	}
	return p.run.inbox.await(ctx, s.wanted.timeout, func(a Received) bool {
		captured, ok := match(ctx, a)
		if !ok {
			return false
		}
		p.closed = p.closed || a.isClose()
		if len(captured) > 0 {
			all := maps.Clone(p.captured)
			maps.Copy(all, captured)
			p.captured = all
		}
		return true
	})
}

// failure returns the error of a step.
func (p *progress) failure(s step, reason string, err error) *Failure {
	f := p.run.inbox.failure(parseText(s.line).fill(p.captured, literal), reason)
	f.Name, f.Number, f.Err = p.run.script.name, s.number, err
	return f
}
