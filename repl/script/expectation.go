package script

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wsx/repl/render"
)

// expectation is a line that begins with <, and waits for a message or a Close.
type expectation struct {
	form    form
	pattern text          // a regular expression, a jq expression, or a close code
	kind    string        // byKind: the kind of a dialect's event
	timeout time.Duration // negative = the inbox's
}

// form is what an expectation compares with what is received.
type form uint8

const (
	byRegexp form = iota // < REGEX
	byQuery              // <jq EXPR
	byClose              // <close CODE
	byKind               // < KIND [EXPR], with a dialect
)

// matcher reports whether something received matches, and returns what is captured of it. ctx bounds the time of a query.
type matcher func(ctx context.Context, a Received) (captured map[string]string, ok bool)

// expectation parses "<", modifiers separated by commas, a space, and the pattern: "< ^hello", "<jq .ok", "<2s ready",
// "<jq,500ms .id == ${id}", "<close 4000".
func (p *parser) expectation(line string) (expectation, error) {
	head, pattern, _ := strings.Cut(line[1:], " ")
	e := expectation{timeout: -1}
	for word := range strings.SplitSeq(head, ",") {
		if err := e.modify(word); err != nil {
			return e, err
		}
	}
	if kind, expression, _ := strings.Cut(pattern, " "); e.form == byRegexp && slices.Contains(p.o.Kinds, kind) {
		e.form, e.kind, pattern = byKind, kind, expression
	}
	var err error
	if e.pattern, err = p.parseReferences(pattern); err != nil {
		return e, err
	}
	if _, err = e.matcher(p.captured); err == nil && e.form == byRegexp {
		p.addCaptures(e.regexp(p.captured))
	}
	return e, err
}

// modify applies a modifier, a word between < and the space.
func (e *expectation) modify(word string) (err error) {
	switch word {
	case "":
	case "jq":
		e.form = byQuery
	case "close":
		e.form = byClose
	default:
		if e.timeout, err = parseDuration(word); err != nil {
			err = &hintedError{
				fmt.Sprintf("<%s: expected < REGEX, <jq EXPR, <close CODE or, with a time limit, <2s REGEX", word),
				"put > and a space before a line to send it, whatever it begins with",
			}
		}
	}
	return err
}

// matcher compiles the expectation, with captures replacing its references.
func (e expectation) matcher(captured map[string]string) (matcher, error) {
	switch e.form {
	case byQuery:
		query, err := render.NewQuery(e.pattern.fillQuery(captured))
		return func(ctx context.Context, a Received) (map[string]string, bool) {
			return nil, !a.isClose() && !a.Hidden && query.Match(ctx, a.Data)
		}, err
	case byKind:
		return e.kindMatcher(captured)
	case byClose:
		code, err := parseCode(e.pattern.fill(captured, literal))
		return func(_ context.Context, a Received) (map[string]string, bool) {
			return nil, a.isClose() && (code == 0 || code == a.Code)
		}, err
	}
	pattern, err := regexp.Compile(e.regexp(captured))
	return func(_ context.Context, a Received) (map[string]string, bool) { return find(pattern, a) }, err
}

// kindMatcher returns a matcher for events of a kind for which the expression, if there is one, is true.
func (e expectation) kindMatcher(captured map[string]string) (matcher, error) {
	expression := e.pattern.fillQuery(captured)
	if strings.TrimSpace(expression) == "" {
		expression = "true"
	}
	kind, err := render.NewQuery(".kind == " + strconv.Quote(e.kind))
	if err != nil {
		return nil, err
	}
	query, err := render.NewQuery(expression)
	return func(ctx context.Context, a Received) (map[string]string, bool) {
		return nil, a.Meaning != nil && kind.Match(ctx, a.Meaning) && query.Match(ctx, a.Meaning)
	}, err
}

func (e expectation) regexp(captured map[string]string) string {
	return e.pattern.fill(captured, regexp.QuoteMeta)
}

// find searches for a pattern in a message. A group that did not match captures "".
func find(pattern *regexp.Regexp, a Received) (captured map[string]string, ok bool) {
	found := pattern.FindSubmatchIndex(a.Data)
	if a.isClose() || a.Hidden || found == nil {
		return nil, false
	}
	captured = map[string]string{}
	for i, name := range pattern.SubexpNames() {
		if name == "" {
			continue
		}
		captured[name] = ""
		if found[2*i] >= 0 {
			captured[name] = string(a.Data[found[2*i]:found[2*i+1]])
		}
	}
	return captured, true
}

// parseCode reads the close code of <close; 0 = any.
func parseCode(written string) (int, error) {
	written = strings.TrimSpace(written)
	if written == "" {
		return 0, nil
	}
	code, err := strconv.Atoi(written)
	if err != nil || code < 1000 || code > 4999 {
		return 0, fmt.Errorf("<close %s: expected a close code from 1000 to 4999", written)
	}
	return code, nil
}
