package script

import (
	"errors"
	"time"

	"wsx/repl/render"
)

// checkpoint is one test of a report. Its texts are escaped.
type checkpoint struct {
	name    string
	number  int // of the line; 0 = connecting
	state   state
	took    time.Duration
	reason  string   // failed: why
	wanted  string   // failed: the line
	got     []string // failed: what was received instead
	isError bool     // failed: not because something else was received than was expected
}

// clean escapes a text for one line.
func clean(text string) string { return string(render.SanitizeLine(nil, text)) }

// explain sets why a test failed.
func (p *checkpoint) explain(err error) {
	var failure *Failure
	if !errors.As(err, &failure) {
		p.reason, p.isError = clean(err.Error()), true
		return
	}
	p.reason, p.wanted = clean(failure.Reason), clean(failure.Wanted)
	for _, text := range failure.Got {
		p.got = append(p.got, clean(text))
	}
}
