// Package explain returns hints for typed errors in terms of the command line. The packages below cmd return the reason of a
// failure and its facts; only this package knows which flag helps.
package explain

import (
	"errors"
	"strings"
)

// Hint returns what the user can do about an error; "" = there is no hint. An error has either a hint of its own, or a reason
// that selects a hint of this package, and facts that replace names in braces.
func Hint(err error) string {
	var reasoned interface {
		Facts() (reason string, facts map[string]string)
	}
	if errors.As(err, &reasoned) {
		if reason, facts := reasoned.Facts(); reason != "" {
			return expand(hints()[reason], facts)
		}
	}
	var hinted interface{ HintText() string }
	if errors.As(err, &hinted) {
		return hinted.HintText()
	}
	return ""
}

// expand replaces the names in braces by the facts. {familyflag} is the flag that chose the only family of addresses.
func expand(hint string, facts map[string]string) string {
	pairs := []string{"{familyflag}", map[bool]string{true: "-4", false: "-6"}[facts["family"] == "IPv4"]}
	for name, fact := range facts {
		pairs = append(pairs, "{"+name+"}", fact)
	}
	return strings.NewReplacer(pairs...).Replace(hint)
}
