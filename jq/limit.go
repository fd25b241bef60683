package jq

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/itchyny/gojq"
)

// Limit is the maximum number of bytes that one call of a function may produce in an expression that Bound has prepared. A Guard measures
// between calls, which is too late for "a" * 1e9 or the transpose of [[1,1,…],[],[],…].
type Limit struct{ bytes atomic.Int64 }

// Set sets the limit for the runs that follow; 0 = no limit.
func (l *Limit) Set(bytes int64) { l.bytes.Store(bytes) }

// Bound makes the functions and operators of a parsed expression fail with ErrMemory where one call would produce more than the limit. The
// options are for its compilation.
func Bound(expression *gojq.Query, limit *Limit) []gojq.CompilerOption {
	text := expression.String()
	operators := replaceOperators(expression, slices.ContainsFunc(loopWords[:], func(word string) bool { return strings.Contains(text, word) }))
	var definitions strings.Builder
	var options []gojq.CompilerOption
	for _, f := range boundedFunctions() {
		if f.isOperator() && operators || slices.ContainsFunc(f.words, func(word string) bool { return strings.Contains(text, word) }) {
			definitions.WriteString(f.definition())
			options = append(options, gojq.WithFunction(f.checkName(), f.arity(), f.arity(), f.check(limit)))
		}
	}
	if len(options) == 0 {
		return nil
	}
	added, err := gojq.Parse(definitions.String() + ".")
	if err != nil {
		panic(err) // the table below is wrong
	}
	expression.FuncDefs = append(added.FuncDefs, expression.FuncDefs...)
	return options
}

// boundedFunction is a function of jq whose result may be much larger than its input.
type boundedFunction struct {
	head  string                                             // beginning of its definition in jq
	args  string                                             // jq expressions on which the size depends besides the input
	size  func(input any, args []any, limit int64) (n int64) // minimum size of the result in bytes; if that is above the limit, any number above it
	words []string                                           // an expression that calls it contains one of these
}

// boundedFunctions returns the functions whose result may be much larger than their input. String interpolation and formats call
// functions as well, and the operators are calls once replaceOperators has replaced them.
func boundedFunctions() []boundedFunction {
	return []boundedFunction{
		{"_multiply(l; r)", "$l; $r", repeatedSize, []string{"*="}},
		{"_divide(l; r)", "$l; $r", quotientSize, []string{"/="}},
		{"_subtract(l; r)", "$l; $r", subtractedSize, []string{"-="}},
		{"_equal(l; r)", "$l; $r", comparedSize, nil},
		{"_notequal(l; r)", "$l; $r", comparedSize, nil},
		{"_less(l; r)", "$l; $r", comparedSize, nil},
		{"_lesseq(l; r)", "$l; $r", comparedSize, nil},
		{"_greater(l; r)", "$l; $r", comparedSize, nil},
		{"_greatereq(l; r)", "$l; $r", comparedSize, nil},
		{"sort", "", textSize, []string{"sort"}},
		{"sort_by(f)", "", textSize, []string{"sort"}},
		{"group_by(f)", "", textSize, []string{"group_by"}},
		{"unique", "", textSize, []string{"unique"}},
		{"unique_by(f)", "", textSize, []string{"unique"}},
		{"min", "", textSize, []string{"min"}},
		{"min_by(f)", "", textSize, []string{"min"}},
		{"max", "", textSize, []string{"max"}},
		{"max_by(f)", "", textSize, []string{"max"}},
		{"contains($b)", ".; $b", subtractedSize, []string{"contains", "inside"}},
		{"inside($b)", ".; $b", subtractedSize, []string{"inside"}},
		{"tostring", "", textSize, []string{"tostring", `\(`, "@text"}},
		{"tojson", "", textSize, []string{"tojson", "@json"}},
		{"_tohtml", "", textSize, []string{"@html"}},
		{"_touri", "", textSize, []string{"@uri"}},
		{"_tocsv", "", textSize, []string{"@csv"}},
		{"_totsv", "", textSize, []string{"@tsv"}},
		{"_tosh", "", textSize, []string{"@sh"}},
		{"_tobase64", "", textSize, []string{"@base64"}},
		{"format($f)", "", textSize, []string{"format"}},
		{"add", "", sumSize, []string{"add"}},
		{"join($s)", "$s", joinedSize, []string{"join"}},
		{"flatten", "", flattenedSize, []string{"flatten"}},
		{"flatten($depth)", "$depth", flattenedSize, []string{"flatten"}},
		{"transpose", "", transposedSize, []string{"transpose"}},
		{"fromjson", "", parsedSize, []string{"fromjson"}},
		{"explode", `""`, splitSize, []string{"explode"}},
		{"split($s)", "$s", splitSize, []string{"split"}},
		{"indices($s)", "$s", splitSize, []string{"indices"}},
		{"match($re)", "$re; null", matchesSize, []string{"match"}},
		{"match($re; $flags)", "$re; $flags", matchesSize, []string{"match"}},
		{"capture($re)", "$re; null", matchesSize, []string{"capture"}},
		{"capture($re; $flags)", "$re; $flags", matchesSize, []string{"capture"}},
		{"scan($re)", `$re; "g"`, matchesSize, []string{"scan"}},
		{"scan($re; $flags)", `$re; $flags + "g"`, matchesSize, []string{"scan"}},
		{"splits($re)", `$re; "g"`, matchesSize, []string{"splits"}},
		{"splits($re; $flags)", `$re; $flags + "g"`, matchesSize, []string{"splits"}},
		{"split($re; $flags)", `$re; $flags + "g"`, matchesSize, []string{"split"}},
		{"sub($re; str; $flags)", "$re; $flags", matchesSize, []string{"sub"}},
		{"gsub($re; str)", `$re; "g"`, matchesSize, []string{"gsub"}},
		{"gsub($re; str; $flags)", `$re; $flags + "g"`, matchesSize, []string{"gsub"}},
	}
}

func (f boundedFunction) name() string {
	name, _, _ := strings.Cut(f.head, "(")
	return name
}

// checkName returns the name of the function that checks the size. Functions of one name, like split, may depend on different arguments.
func (f boundedFunction) checkName() string { return fmt.Sprintf("_limit_%s_%d", f.name(), f.arity()) }

// arity returns the number of arguments that the size depends on.
func (f boundedFunction) arity() int {
	if f.args == "" {
		return 0
	}
	return 1 + strings.Count(f.args, ";")
}

func (f boundedFunction) isOperator() bool { return strings.HasSuffix(f.head, "(l; r)") }

// definition returns a definition in jq that checks the size before it calls the function of gojq.
func (f boundedFunction) definition() string {
	check := f.checkName()
	if f.args != "" {
		check += "(" + f.args + ")"
	}
	if f.isOperator() { // in jq, the values of the right operand are the outer loop
		var symbol gojq.Operator
		for operator, name := range operatorNames() {
			if name == f.name() {
				symbol = operator
			}
		}
		return fmt.Sprintf("def %s: r as $r | l as $l | %s | $l %s $r;", f.head, check, symbol)
	}
	return fmt.Sprintf("def _original_%s: %[1]s; def %[1]s: %s | _original_%[1]s;", f.head, check)
}

// check returns the function that returns its input, or ErrMemory if the result would be too large.
func (f boundedFunction) check(limit *Limit) func(any, []any) any {
	return func(input any, args []any) any {
		if maxBytes := limit.bytes.Load(); maxBytes > 0 && f.size(input, args, maxBytes) > maxBytes {
			return ErrMemory
		}
		return input
	}
}

// loopWords are words of which an expression contains one if it has a loop. Only a loop makes values that are small in memory and
// take extremely long to compare, such as [x, x] whose x is [y, y] and so on: the comparisons of other expressions, most of them
// simple, stay fast.
var loopWords = [...]string{"reduce", "foreach", "def ", "recurse", "repeat", "while", "until", "range", "limit", "walk"}

// operatorNames returns the names by which gojq calls the operators whose result may be large, or take long.
func operatorNames() map[gojq.Operator]string {
	return map[gojq.Operator]string{
		gojq.OpMul: "_multiply", gojq.OpDiv: "_divide", gojq.OpSub: "_subtract", gojq.OpEq: "_equal", gojq.OpNe: "_notequal",
		gojq.OpLt: "_less", gojq.OpLe: "_lesseq", gojq.OpGt: "_greater", gojq.OpGe: "_greatereq",
	}
}

// replaceOperators replaces * / - and, if there are loops, comparisons in an expression by calls, which unlike operators can be
// defined anew, and reports whether there are any.
func replaceOperators(expression *gojq.Query, loops bool) (replaced bool) {
	names := operatorNames()
	if !loops {
		maps.DeleteFunc(names, func(operator gojq.Operator, _ string) bool { return operator >= gojq.OpEq && operator <= gojq.OpLe })
	}
	eachQuery(reflect.ValueOf(expression), func(q *gojq.Query) {
		if name, ok := names[q.Op]; ok && q.Left != nil && q.Right != nil {
			q.Term = &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: []*gojq.Query{q.Left, q.Right}}}
			q.Left, q.Right, q.Op, replaced = nil, nil, 0, true
		}
	})
	return replaced
}

// eachQuery calls visit for each query in a value, inner queries first.
func eachQuery(v reflect.Value, visit func(*gojq.Query)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		eachQuery(v.Elem(), visit)
		if q, ok := v.Interface().(*gojq.Query); ok {
			visit(q)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachQuery(v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachQuery(v.Index(i), visit)
		}
	}
}
