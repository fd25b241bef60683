package dialect

import (
	"encoding/json"
	"strconv"

	"github.com/itchyny/gojq"
)

// test returns the result of a simple query for a value; ok is false if jq would fail.
type test func(value any) (result any, ok bool)

func isTrue(v any) bool { return v != nil && v != false }

// testOf returns the test for a query, or nil.
func testOf(q *gojq.Query) test {
	if len(q.FuncDefs) > 0 || len(q.Imports) > 0 || len(q.Patterns) > 0 {
		return nil
	}
	if q.Term != nil {
		return testOfTerm(q.Term)
	}
	if q.Left == nil || q.Right == nil {
		return nil
	}
	left, right := testOf(q.Left), testOf(q.Right)
	if left == nil || right == nil {
		return nil
	}
	switch q.Op {
	case gojq.OpEq, gojq.OpNe:
		return comparison(left, right, q.Op == gojq.OpEq)
	case gojq.OpAnd, gojq.OpOr:
		return junction(left, right, q.Op == gojq.OpAnd)
	}
	return nil
}

// comparison returns a test that compares strings, numbers, true, false and null directly, and other values as jq does.
func comparison(left, right test, equal bool) test {
	return func(value any) (any, bool) {
		a, ok := left(value)
		if !ok {
			return nil, false
		}
		b, ok := right(value)
		if !ok {
			return nil, false
		}
		a, aok := scalar(a)
		b, bok := scalar(b)
		if !aok && !bok {
			return (gojq.Compare(a, b) == 0) == equal, true
		}
		return (aok && bok && a == b) == equal, true
	}
}

// scalar returns a comparable value; ok is false for arrays and objects.
func scalar(v any) (any, bool) {
	switch v := v.(type) {
	case nil, string, bool, float64:
		return v, true
	case int:
		return float64(v), true
	case json.Number:
		f, err := strconv.ParseFloat(string(v), 64)
		return f, err == nil
	}
	return v, false
}

func junction(left, right test, and bool) test {
	return func(value any) (any, bool) {
		a, ok := left(value)
		if !ok || isTrue(a) != and {
			return isTrue(a), ok
		}
		b, ok := right(value)
		return isTrue(b), ok
	}
}

func testOfTerm(t *gojq.Term) test {
	switch t.Type {
	case gojq.TermTypeTrue:
		return constant(true, t)
	case gojq.TermTypeFalse:
		return constant(false, t)
	case gojq.TermTypeNull:
		return constant(nil, t)
	case gojq.TermTypeString:
		if t.Str == nil || len(t.Str.Queries) > 0 {
			return nil
		}
		return constant(t.Str.Str, t)
	case gojq.TermTypeNumber:
		f, err := strconv.ParseFloat(t.Number, 64)
		if err != nil {
			return nil
		}
		return constant(f, t)
	case gojq.TermTypeObject:
		if t.Object == nil || len(t.Object.KeyVals) > 0 {
			return nil
		}
		return constant(map[string]any{}, t)
	case gojq.TermTypeQuery:
		if len(t.SuffixList) > 0 {
			return nil
		}
		return testOf(t.Query)
	case gojq.TermTypeFunc:
		if t.Func != nil && t.Func.Name == "type" && len(t.Func.Args) == 0 && len(t.SuffixList) == 0 {
			return func(value any) (any, bool) { return gojq.TypeOf(value), true }
		}
		return hasMember(t)
	case gojq.TermTypeIdentity:
		return pathTest(nil, t.SuffixList)
	case gojq.TermTypeIndex:
		return pathTest([]*gojq.Index{t.Index}, t.SuffixList)
	}
	return nil
}

func constant(v any, t *gojq.Term) test {
	if len(t.SuffixList) > 0 {
		return nil
	}
	return func(any) (any, bool) { return v, true }
}

// hasMember returns the test for has("name"), or nil.
func hasMember(t *gojq.Term) test {
	if t.Func == nil || t.Func.Name != "has" || len(t.Func.Args) != 1 || len(t.SuffixList) > 0 {
		return nil
	}
	arg := t.Func.Args[0]
	if arg.Term == nil || arg.Term.Str == nil || len(arg.Term.Str.Queries) > 0 || len(arg.Term.SuffixList) > 0 {
		return nil
	}
	name := arg.Term.Str.Str
	return func(value any) (any, bool) {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		_, has := object[name]
		return has, true
	}
}

// step is a member's name or an element's index.
type step struct {
	name  string
	index int  // from 0, if name is ""
	rest  bool // all elements from index on
}

// pathTest returns the value at a path like .a.b or .[0].c.
func pathTest(first []*gojq.Index, suffixes []*gojq.Suffix) test {
	indexes := first
	for _, s := range suffixes {
		if s.Index == nil || s.Iter || s.Optional {
			return nil
		}
		indexes = append(indexes, s.Index)
	}
	var path []step
	for _, index := range indexes {
		part, ok := stepOf(index)
		if !ok {
			return nil
		}
		path = append(path, part)
	}
	return func(value any) (any, bool) { return follow(value, path) }
}

func stepOf(index *gojq.Index) (step, bool) {
	switch {
	case index.IsSlice && (index.End != nil || index.Start == nil):
		return step{}, false
	case index.Name != "":
		return step{name: index.Name}, true
	case index.Str != nil && len(index.Str.Queries) == 0 && index.Str.Str != "":
		return step{name: index.Str.Str}, true
	case index.Start != nil && index.Start.Term != nil && index.Start.Term.Type == gojq.TermTypeNumber && len(index.Start.Term.SuffixList) == 0:
		n, err := strconv.Atoi(index.Start.Term.Number)
		return step{index: n, rest: index.IsSlice}, err == nil && n >= 0
	}
	return step{}, false
}

// follow returns the value at a path; a missing value is null, and ok is false if jq would fail.
func follow(value any, path []step) (any, bool) {
	for _, s := range path {
		switch v := value.(type) {
		case nil:
		case map[string]any:
			if s.name == "" {
				return nil, false
			}
			value = v[s.name]
		case []any:
			if s.name != "" {
				return nil, false
			}
			switch {
			case s.rest:
				value = v[min(s.index, len(v)):]
			case s.index < len(v):
				value = v[s.index]
			default:
				value = nil
			}
		case string:
			if !s.rest {
				return nil, false
			}
			runes := []rune(v)
			value = string(runes[min(s.index, len(runes)):])
		default:
			return nil, false
		}
	}
	return value, true
}

// changeCondition returns the test of a query that is "if TEST then ... else . end": if the test fails, the query returns its input
// unchanged. It returns nil for any other query.
func changeCondition(q *gojq.Query) test {
	if q.Term == nil || q.Term.Type != gojq.TermTypeIf || len(q.Term.SuffixList) > 0 || len(q.FuncDefs) > 0 {
		return nil
	}
	choice := q.Term.If
	if len(choice.Elif) > 0 || choice.Else != nil && choice.Else.String() != "." {
		return nil
	}
	return testOf(choice.Cond)
}
