package script

import (
	"context"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/repl/input"
)

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
