package check

import (
	"fmt"
	"slices"
	"strings"
)

// Selection chooses among checks.
type Selection struct {
	Only []string // ids or groups, or the beginning of either; empty = all
	Skip []string // likewise
	Full bool     // the slow and the heavy ones too; one whose whole ID is in Only needs no Full
}

// Select returns the chosen checks in their order. A word that matches no check is an error.
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

// matches reports whether a word means the check: its ID, its group, or the beginning of one of them.
func (c Check) matches(word string) bool {
	return word != "" && strings.HasPrefix(c.ID, word)
}
