package render

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"

	"wsx/client"
)

// Grep passes on the messages that match an expression, and not those that match another. What is not a
// message passes.
type Grep struct {
	to     Renderer
	match  *regexp.Regexp // nil = all
	except *regexp.Regexp // nil = none
	whole  assembler
}

// NewGrep passes on to a renderer the messages that match, but for those that match except; "" leaves either
// out. Of a message of more than maxMessage bytes only the beginning is searched and shown; 0 = any length.
func NewGrep(to Renderer, match, except string, maxMessage int64) (*Grep, error) {
	g := &Grep{to: to, whole: assembler{max: maxMessage}}
	var err error
	if g.match, err = NewPattern(match); err != nil {
		return nil, err
	}
	if g.except, err = NewPattern(except); err != nil {
		return nil, err
	}
	return g, nil
}

// NewPattern compiles a regular expression; "" = nil. Its error names the part that is wrong.
func NewPattern(expression string) (*regexp.Regexp, error) {
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
