package script

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// fillQuery returns a jq expression with what was captured in its holes. A capture cannot add to the expression, whatever
// the peer put into it: it is bound to variables, and the holes become these. In a string the hole is the text;
// elsewhere it is a number where the text is one, else a string.
func (t text) fillQuery(captured map[string]string) string {
	var body strings.Builder
	var at location
	bound := map[string]string{}
	for _, part := range t {
		body.WriteString(part.literal)
		at.scan(part.literal)
		switch {
		case part.name == "":
		case at.inString:
			bound["$text_"+part.name] = quoteQuery(captured[part.name])
			body.WriteString(`\($text_` + part.name + `)`)
		default:
			bound["$value_"+part.name] = valueQuery(captured[part.name])
			body.WriteString("$value_" + part.name)
		}
	}
	var binding strings.Builder
	for _, name := range slices.Sorted(maps.Keys(bound)) {
		binding.WriteString(bound[name] + " as " + name + " | ")
	}
	return binding.String() + body.String()
}

// quoteQuery returns a text as a jq string. That of JSON is one: a backslash is doubled, so nothing is interpolated.
func quoteQuery(text string) string {
	quoted, _ := json.Marshal(text) // a string always can be
	return string(quoted)
}

// valueQuery returns a text as a jq number if it is one in JSON, else as a string.
func valueQuery(text string) string {
	if isNumber(text) {
		return text
	}
	return quoteQuery(text)
}

// isNumber reports whether a text is a number as RFC 8259, section 6, has it, and nothing beside.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "+-.0123456789eE") == "" && json.Valid([]byte(text))
}

// location is where in a jq expression one stands: in a string, or not. Strings have expressions in them, "\(1 + 2)",
// which have strings in them.
type location struct {
	inString bool
	open     []int // of each string around us, how many parentheses are open in the expression in it
}

// scan goes over a part of the expression.
func (p *location) scan(part string) {
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case c == '"':
			p.inString = !p.inString
		case p.inString && c == '\\':
			i++
			if i < len(part) && part[i] == '(' {
				p.open = append(p.open, 0)
				p.inString = false
			}
		case p.inString || len(p.open) == 0:
		case c == '(':
			p.open[len(p.open)-1]++
		case c == ')':
			p.close()
		}
	}
}

// close passes a closing parenthesis, which may lead back into the string.
func (p *location) close() {
	last := len(p.open) - 1
	if p.open[last] > 0 {
		p.open[last]--
		return
	}
	p.open, p.inString = p.open[:last], true
}
