package repl

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"wsx/repl/render"
)

// Rule answers messages that match.
type Rule struct {
	text    string         // as it was written
	pattern *regexp.Regexp // nil = query
	answer  []answerPart
	query   *render.Query
}

// answerPart is a part of an answer: text, or a group of the pattern.
type answerPart struct {
	text  string
	group int // number of the group whose match is inserted; 0 = text, or the whole match if whole is set
	whole bool
}

// RuleError is a mistake in a rule.
type RuleError struct{ Message string }

func (e *RuleError) Error() string { return e.Message }

// Kind returns the kind of the error event.
func (e *RuleError) Kind() string { return "usage" }

// arrow stands between the two sides of a rule.
const arrow = "=>"

// cutRule splits a rule into its two sides, without the spaces around the arrow.
func cutRule(text, wanted string) (left, right string, err error) {
	left, right, found := strings.Cut(text, " "+arrow)
	if left = strings.TrimSpace(left); !found || left == "" || right != "" && right[0] != ' ' {
		return "", "", &RuleError{fmt.Sprintf("%q: expected %s, with spaces around the arrow", text, wanted)}
	}
	return left, strings.TrimPrefix(right, " "), nil
}

// NewRule parses "REGEX => MSG". In MSG, $1 and ${name} stand for what the groups of REGEX matched, $0 for the whole match, $$
// for a $. The error is a *RuleError.
func NewRule(text string) (Rule, error) {
	left, right, err := cutRule(text, "REGEX => MSG")
	if err != nil {
		return Rule{}, err
	}
	pattern, err := regexp.Compile(left)
	if err != nil {
		return Rule{}, &RuleError{fmt.Sprintf("%q: %v", text, err)}
	}
	r := Rule{text: text, pattern: pattern}
	r.answer, err = parseAnswer(right, pattern)
	return r, err
}

// reference matches a reference to a group in an answer.
var reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$(?:\$|([0-9]+)|\{([A-Za-z0-9_]+)\})`) })

func parseAnswer(text string, pattern *regexp.Regexp) (parts []answerPart, err error) {
	for {
		at := reference().FindStringSubmatchIndex(text)
		if at == nil {
			return append(parts, answerPart{text: text}), nil
		}
		parts = append(parts, answerPart{text: text[:at[0]]})
		found := text[at[0]:at[1]]
		name := strings.Trim(found, "${}")
		text = text[at[1]:]
		if found == "$$" {
			parts = append(parts, answerPart{text: "$"})
			continue
		}
		group, err := strconv.Atoi(name)
		if err != nil {
			group = pattern.SubexpIndex(name)
		}
		if group < 0 || group > pattern.NumSubexp() {
			return nil, &RuleError{fmt.Sprintf("%s: the regular expression %q has no such group", found, pattern)}
		}
		parts = append(parts, answerPart{group: group, whole: group == 0})
	}
}

// NewQueryRule returns a rule that answers a message with every result of a jq expression.
func NewQueryRule(text string) (Rule, error) {
	query, err := render.NewQuery(text)
	return Rule{text: "jq " + text, query: query}, err
}

// answers appends the answers of a rule to a message.
func (r Rule) answers(ctx context.Context, list [][]byte, message []byte) [][]byte {
	if r.query != nil {
		r.query.Each(ctx, message, func(result []byte) { list = append(list, result) })
		return list
	}
	at := r.pattern.FindSubmatchIndex(message)
	if at == nil {
		return list
	}
	answer := []byte{}
	for _, part := range r.answer {
		switch {
		case part.group == 0 && !part.whole:
			answer = append(answer, part.text...)
		case at[2*part.group] >= 0:
			answer = append(answer, message[at[2*part.group]:at[2*part.group+1]]...)
		}
	}
	return append(list, answer)
}
