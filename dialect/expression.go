package dialect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"wsx/jq"
)

// The bounds of one run of an expression.
const (
	deadline   = 50 * time.Millisecond
	maxResults = 4096
	maxSent    = 16        // number of messages sent
	maxBytes   = 1 << 20   // size of the messages sent, and of the state
	maxMemory  = 192 << 20 // bytes that one function may produce: 3 times the largest message
)

// expression is a jq expression of a file, compiled.
type expression struct {
	code      *gojq.Code
	changesIf test   // if this test fails, the expression returns its input unchanged; nil = no such test
	simple    simple // the actions of the expression, if they need no interpreter; nil = run code
	at        string // FILE:LINE
}

// variables returns the variables of every expression, in the order in which run binds them.
func variables() []string { return []string{"$opt", "$state", "$id", "$random"} }

// compile compiles an expression. It can read only its input and the variables: no environment, no further input, no modules.
func compile(source, at string) (*expression, error) {
	parsed, err := gojq.Parse(source)
	if err != nil {
		return nil, &FileError{At: at, Reason: "jq: " + oneLine(err)}
	}
	options := []gojq.CompilerOption{gojq.WithVariables(variables())}
	for _, a := range actions() {
		options = append(options, gojq.WithFunction(a.name, len(a.params), len(a.params), a.make))
	}
	e := &expression{changesIf: changeCondition(parsed), simple: simpleOf(parsed), at: at}
	limit := &jq.Limit{}
	limit.Set(maxMemory)
	if e.code, err = gojq.Compile(parsed, append(options, jq.Bound(parsed, limit)...)...); err != nil {
		return nil, &FileError{At: at, Reason: "jq: " + oneLine(err)}
	}
	return e, nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// failure returns the error of an expression that did something invalid.
func (e *expression) failure(reason string) error { return &RunError{At: e.at, Reason: reason} }

// explain turns an error of jq into one with a place in the file.
func (e *expression) explain(err error) error {
	var halt *gojq.HaltError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return e.failure(fmt.Sprintf("took longer than %v", deadline))
	case errors.As(err, &halt):
		return e.failure("halt cannot be used here")
	}
	return e.failure(oneLine(err))
}

// clock is the deadline of a run. gojq calls Done before each instruction, so no timer or goroutine is needed.
type clock struct {
	checks  int
	started time.Time // when the first clockInterval instructions had run
	expired bool
}

// clockInterval is the number of instructions between two readings of the time.
const clockInterval = 1024

var (
	openChannel   = make(chan struct{})
	closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
)

func (c *clock) start() { c.checks, c.expired = 0, false }

// Done returns a channel that is closed once the deadline has passed.
func (c *clock) Done() <-chan struct{} {
	if c.checks++; c.checks%clockInterval == 0 {
		now := time.Now()
		if c.checks == clockInterval {
			c.started = now
		}
		c.expired = c.expired || now.Sub(c.started) > deadline
	}
	if c.expired {
		return closedChannel
	}
	return openChannel
}

// Err returns context.DeadlineExceeded once the deadline has passed.
func (c *clock) Err() error {
	if c.expired {
		return context.DeadlineExceeded
	}
	return nil
}

// Deadline returns no time: the deadline is relative to the start of each run.
func (c *clock) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value returns nil.
func (c *clock) Value(any) any { return nil }
