package check

import (
	"fmt"
	"slices"
	"strings"
)

// Selection selects checks.
type Selection struct {
	Only []string // ids or groups, or the beginning of either; empty = all
	Skip []string // the same; these are left out
	Full bool     // include slow and expensive checks; those whose whole ID is in Only are always included
}

// Select returns the selected checks in their order. The error names a word that matches no check.
func (s Selection) Select(checks []Check) ([]Check, error) {
	for _, word := range slices.Concat(s.Only, s.Skip) {
		if !slices.ContainsFunc(checks, func(c Check) bool { return c.matches(word) }) {
			return nil, fmt.Errorf("there is no check %q", word)
		}
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return !s.has(c) }), nil
}

func (s Selection) has(c Check) bool {
	return (len(s.Only) == 0 || slices.ContainsFunc(s.Only, c.matches)) &&
		!slices.ContainsFunc(s.Skip, c.matches) &&
		(s.Full || !c.Full || slices.Contains(s.Only, c.ID))
}

// matches reports whether a word is the ID or group of the check, or the beginning of one of them.
func (c Check) matches(word string) bool {
	return word != "" && strings.HasPrefix(c.ID, word)
}
