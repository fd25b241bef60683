package dialect

import "github.com/itchyny/gojq"

// simple is a body whose actions and arguments need no interpreter, like item(.id; .payload), quiet.
type simple []simpleAction

type simpleAction struct {
	word actionWord
	args []test
}

// simpleOf returns the actions of a query, or nil.
func simpleOf(q *gojq.Query) simple {
	if len(q.FuncDefs) > 0 || len(q.Imports) > 0 || len(q.Patterns) > 0 {
		return nil
	}
	if q.Left != nil && q.Right != nil && q.Op == gojq.OpComma {
		left, right := simpleOf(q.Left), simpleOf(q.Right)
		if left == nil || right == nil {
			return nil
		}
		return append(left, right...)
	}
	if q.Term == nil || q.Term.Type != gojq.TermTypeFunc || len(q.Term.SuffixList) > 0 {
		return nil
	}
	for _, word := range actions() {
		if word.name != q.Term.Func.Name || len(word.params) != len(q.Term.Func.Args) {
			continue
		}
		action := simpleAction{word: word}
		for _, arg := range q.Term.Func.Args {
			t := testOf(arg)
			if t == nil {
				return nil
			}
			action.args = append(action.args, t)
		}
		return simple{action}
	}
	return nil
}

// run returns the actions for a value; ok is false if jq would fail: then jq must be run for its error.
func (s simple) run(value any, list []action) (all []action, ok bool) {
	for _, part := range s {
		a := action{name: part.word.name}
		for i, arg := range part.args {
			if a.args[i], ok = arg(value); !ok {
				return nil, false
			}
		}
		list = append(list, a)
	}
	return list, true
}
