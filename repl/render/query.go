package render

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"wsx/jq"
)

// Query is a jq expression, compiled.
type Query struct {
	code   *gojq.Code
	limit  jq.Limit // of one function's result
	path   []string // the names, if the query only selects a member, like .a.b
	isPath bool
}

// NewQuery compiles a jq expression. The error is a *FormatError that contains the column.
func NewQuery(expression string) (*Query, error) {
	parsed, err := gojq.Parse(expression)
	if err != nil {
		return nil, queryError(expression, err)
	}
	q := &Query{}
	q.path, q.isPath = memberPath(parsed)
	if q.code, err = gojq.Compile(parsed, jq.Bound(parsed, &q.limit)...); err != nil {
		return nil, queryError(expression, err)
	}
	return q, nil
}

// queryError returns the error for an expression: what is wrong with it, and where.
func queryError(expression string, err error) error {
	reason := fmt.Sprintf("jq %q: %v", expression, err)
	if column := errorColumn(expression, err); column > 0 {
		reason = fmt.Sprintf("%s at column %d", reason, column)
	}
	return &FormatError{Reason: reason, Err: err}
}

// errorColumn returns the column of a mistake, from 1; 0 = not known.
func errorColumn(expression string, err error) int {
	if syntax, ok := errors.AsType[*gojq.ParseError](err); ok {
		return len([]rune(expression[:max(0, syntax.Offset-len(syntax.Token))])) + 1
	}
	// "function not defined: NAME/1", "variable not defined: $NAME"
	_, name, _ := strings.Cut(err.Error(), "not defined: ")
	name, _, _ = strings.Cut(name, "/")
	before, _, found := strings.Cut(expression, name)
	if name == "" || !found {
		return 0
	}
	return len([]rune(before)) + 1
}

// memberPath returns the names of an expression like .a.b, which needs no interpreter.
func memberPath(q *gojq.Query) (path []string, ok bool) {
	if q.Term == nil || q.Left != nil || len(q.FuncDefs) > 0 || len(q.Imports) > 0 {
		return nil, false
	}
	switch q.Term.Type {
	case gojq.TermTypeIdentity:
	case gojq.TermTypeIndex:
		path = append(path, q.Term.Index.Name)
	default:
		return nil, false
	}
	for _, suffix := range q.Term.SuffixList {
		if suffix.Index == nil || suffix.Iter || suffix.Optional {
			return nil, false
		}
		path = append(path, suffix.Index.Name)
	}
	if slices.Contains(path, "") { // .["a"] or .[0]
		return nil, false
	}
	return path, true
}

// errInterrupted is the error of a query that was stopped.
var errInterrupted = errors.New("interrupted")

// each calls yield with each result of the query on a value. It ends at the first error, or when the guard has ended.
func (q *Query) each(guard *jq.Guard, value any, yield func(any) error) error {
	if q.isPath {
		if picked, ok := lookup(value, q.path); ok {
			return yield(picked)
		}
	}
	q.limit.Set(guard.Limit())
	results := q.code.RunWithContext(guard, value)
	for {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		if err, failed := result.(error); failed {
			if ended := guard.Err(); errors.Is(ended, jq.ErrMemory) {
				return ended
			} else if ended != nil {
				return errInterrupted
			}
			if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.Value() == nil {
				return nil
			}
			return err
		}
		if err := yield(result); err != nil {
			return err
		}
	}
}

// eachOf is each for all JSON values of a message, of which max bytes are read; 0 = all. A message without a value is not JSON.
func (q *Query) eachOf(ctx context.Context, message []byte, max int64, yield func(any) error) error {
	parser, guard := jq.NewValues(message, max), jq.NewGuard(ctx, len(message), max)
	if !parser.More() {
		return jq.ErrNotJSON
	}
	for parser.More() {
		value, err := parser.Next()
		if err == nil {
			err = q.each(guard, value, yield)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lookup returns the member at a path of names; a missing one is null. It reports whether everything on the path is an
// object.
func lookup(value any, path []string) (any, bool) {
	for _, name := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case nil:
		default:
			return nil, false
		}
	}
	return value, true
}

// maxResults is how many results of one message Each yields.
const maxResults = 1000

// errFound ends a query of which no further results are wanted.
var errFound = errors.New("found")

// resultText returns a result as text: a string without quotes, anything else as compact JSON.
func resultText(result any) ([]byte, error) {
	if text, isText := result.(string); isText {
		return []byte(text), nil
	}
	return jq.Marshal(result, maxMatched)
}

// Each calls yield with each result of the query on the JSON values of a message: strings without quotes, other results as
// compact JSON. It ends at the first error of the JSON or the query, after 1,000 results, and when ctx ends.
func (q *Query) Each(ctx context.Context, message []byte, yield func([]byte)) {
	left := maxResults
	q.eachOf(ctx, message, maxMatched, func(result any) error {
		if left--; left < 0 {
			return errFound
		}
		text, err := resultText(result)
		if err == nil {
			yield(text)
		}
		return err
	})
}

// First returns the first result of the query on a JSON message that is not null, a string without quotes, anything else as
// compact JSON. It reports whether there is one.
func (q *Query) First(ctx context.Context, message []byte) (first string, found bool) {
	value, err := jq.Parse(string(message))
	if err != nil {
		return "", false
	}
	guard := jq.NewGuard(ctx, len(message), maxMatched)
	q.each(guard, value, func(result any) error {
		if result == nil {
			return nil
		}
		text, err := resultText(result)
		if err != nil {
			return err
		}
		first, found = string(text), true
		return errFound
	})
	return first, found
}

// maxMatched is the largest message of which Match examines all values, in bytes.
const maxMatched = 64 << 20

// Match reports whether the query has a result other than false and null on a message. It has none if the message is not
// JSON, if the query fails, or if ctx ends before.
func (q *Query) Match(ctx context.Context, message []byte) bool {
	parser, found := jq.NewValues(message, maxMatched), false
	guard := jq.NewGuard(ctx, len(message), maxMatched)
	for parser.More() {
		value, err := parser.Next()
		if err != nil {
			return false
		}
		if found {
			continue // only whether the rest is JSON
		}
		err = q.each(guard, value, func(result any) error {
			if result == nil || result == false {
				return nil
			}
			return errFound
		})
		if found = errors.Is(err, errFound); err != nil && !found {
			return false
		}
	}
	return found
}
