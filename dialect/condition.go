package dialect

import (
	"slices"

	"github.com/itchyny/gojq"
)

// condition is the condition of a rule. Most conditions only compare members with constants. They are tests,
// which take a hundredth of the time of jq.
type condition struct {
	test test        // nil = jq must be run
	code *expression // the condition in jq
}

// compileCondition compiles a condition.
func compileCondition(source, at string) (condition, error) {
	code, err := compile(source, at)
	if err != nil {
		return condition{}, err
	}
	parsed, err := gojq.Parse(source)
	if err != nil {
		return condition{}, err
	}
	return condition{test: testOf(parsed), code: code}, nil
}

// holds reports whether the condition holds for a value. A condition that fails does not hold. s.mu must be locked.
func (s *State) holds(c condition, value any) bool {
	if c.test != nil {
		result, ok := c.test(value)
		return ok && isTrue(result)
	}
	results, err := s.run(c.code, value, nil)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(results, isTrue)
}
