package repl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// onCommand adds a rule, removes one or all, or lists them.
func (s *state) onCommand(_ context.Context, arg string) error {
	return changeRules(s, &s.rules.on, arg, func(text string) (Rule, error) {
		if expression, isQuery := strings.CutPrefix(text, "jq "); isQuery {
			return NewQueryRule(expression)
		}
		return NewRule(text)
	}, func(r Rule) string { return r.text })
}

// changeRules runs /on and /every: it adds an element to a list, removes one or all, or shows the list.
func changeRules[T any](s *state, list *atomic.Pointer[[]T], arg string, parse func(string) (T, error), text func(T) string) error {
	now := *list.Load()
	if arg == "" {
		var all strings.Builder
		for i, one := range now {
			fmt.Fprintf(&all, "%d  %s\n", i+1, text(one))
		}
		return s.Output.Status(cmp.Or(strings.TrimSuffix(all.String(), "\n"), "the list is empty"))
	}
	if word, number, _ := strings.Cut(arg, " "); word == "off" && !strings.Contains(arg, arrow) {
		if number == "" {
			list.Store(new([]T))
			return nil
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 1 || n > len(now) {
			return fmt.Errorf("there is no rule %s", number)
		}
		less := slices.Delete(slices.Clone(now), n-1, n)
		list.Store(&less)
		return nil
	}
	one, err := parse(arg)
	if err != nil {
		return err
	}
	more := append(slices.Clone(now), one)
	list.Store(&more)
	return nil
}

// everyCommand adds a timer, removes one or all, or lists them.
func (s *state) everyCommand(_ context.Context, arg string) error {
	err := changeRules(s, &s.rules.every, arg, NewTimer, func(t Timer) string { return t.text })
	select {
	case s.rules.changed <- struct{}{}:
	default:
	}
	return err
}
