package script

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// fillQuery returns a jq expression in which variables replace the references to captures, so that text from the peer cannot
// change the expression. Inside a string a reference is the text; elsewhere it is a number if the text is one, else a string.
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

// quoteQuery returns a text as a jq string. A JSON string is one, and since backslashes are doubled nothing is interpolated.
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

// isNumber reports whether a text is a JSON number (RFC 8259, section 6).
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "+-.0123456789eE") == "" && json.Valid([]byte(text))
}

// location is a position in a jq expression: inside a string or not. Strings can contain expressions, "\(1 + 2)", which can
// contain strings.
type location struct {
	inString bool
	open     []int // for each enclosing string, how many parentheses are open in the expression inside it
}

// scan advances over a part of the expression.
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

// close advances over a closing parenthesis, which may end the expression inside a string.
func (p *location) close() {
	last := len(p.open) - 1
	if p.open[last] > 0 {
		p.open[last]--
		return
	}
	p.open, p.inString = p.open[:last], true
}
