package draft

import "wsx/terminal"

// Styles are the styles of the parts of JSON.
type Styles struct {
	Key, String, Number, Literal terminal.Style
	Match                        terminal.Style // the bracket at the cursor and its partner
	Broken                       terminal.Style // anything that is not JSON
}

// maxPainted is the length of the longest line that is painted, in bytes.
const maxPainted = 64 << 10

// Paint returns the styles of the parts of JSON, with the cursor before byte pos. A pos of -1 means no cursor: brackets are not matched.
func (s Styles) Paint(line string, pos int) (spans []terminal.Span) {
	if !isJSON(line) || len(line) > maxPainted {
		return nil
	}
	tokens := scan(line)
	for _, t := range tokens {
		if style := s.of(t.kind); style != "" {
			spans = append(spans, terminal.Span{From: t.from, To: t.to, Style: style})
		}
	}
	for _, at := range []int{pos, pos - 1} { // the bracket at the cursor, else the one before it
		for _, t := range tokens {
			if t.from == at && t.partner >= 0 {
				partner := tokens[t.partner]
				return append(spans, terminal.Span{From: t.from, To: t.to, Style: s.Match}, terminal.Span{From: partner.from, To: partner.to, Style: s.Match})
			}
		}
	}
	return spans
}

func (s Styles) of(k kind) terminal.Style {
	switch k {
	case key:
		return s.Key
	case text:
		return s.String
	case number:
		return s.Number
	case literal:
		return s.Literal
	case broken:
		return s.Broken
	}
	return ""
}
