package render

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"

	"wsx/client"
)

// Grep passes on the messages that match one regular expression and do not match another. Other events always pass.
type Grep struct {
	to     Renderer
	match  *regexp.Regexp // nil = all messages match
	except *regexp.Regexp // nil = no messages are excluded
	whole  assembler
}

// NewGrep returns a filter that passes on messages that match match, and do not match except; "" disables either. Only the
// first maxMessage bytes of a message are searched and shown; 0 = all.
func NewGrep(to Renderer, match, except string, maxMessage int64) (*Grep, error) {
	g := &Grep{to: to, whole: assembler{max: maxMessage}}
	var err error
	if g.match, err = compilePattern(match); err != nil {
		return nil, err
	}
	if g.except, err = compilePattern(except); err != nil {
		return nil, err
	}
	return g, nil
}

// compilePattern compiles a regular expression; nil if it is "". The error is a *FormatError that names the invalid part.
func compilePattern(expression string) (*regexp.Regexp, error) {
	if expression == "" {
		return nil, nil
	}
	pattern, err := regexp.Compile(expression)
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, &FormatError{Reason: fmt.Sprintf("regular expression %q: %s: %q", expression, wrong.Code, wrong.Expr), Err: err}
	}
	return pattern, err
}

// Render passes an event on, or not; a message once its last fragment has been received.
func (g *Grep) Render(w io.Writer, e client.Event) error {
	if e.Kind != client.KindMessage {
		return g.to.Render(w, e)
	}
	e, _, ok := g.whole.add(e)
	if !ok || g.match != nil && !g.match.Match(e.Payload) || g.except != nil && g.except.Match(e.Payload) {
		return nil
	}
	return g.to.Render(w, e)
}

// Beneath returns the renderer that messages are passed on to.
func (g *Grep) Beneath() Renderer { return g.to }
