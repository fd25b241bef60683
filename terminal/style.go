package terminal

import (
	"cmp"
	"strings"
)

// Style is the parameters of an SGR sequence, such as "1;32". The zero value is plain; anything but digits, semicolons and
// colons counts as plain.
type Style string

// Colors are the styles of what the terminal itself draws. The zero value has no colours.
type Colors struct {
	Prompt     Style
	Fold       Style // a folded paste
	Hint       Style // what a command expects
	Status     Style
	Match      Style // what a search has found; "" = reversed, so that it can be seen
	Selected   Style // the candidate that Tab has selected; "" = reversed
	Note       Style // the note of a candidate
	Suggestion Style // the rest of a line from the history, shown after the cursor; "" = no suggestions
}

// Span is the style of a part of a line, in bytes.
type Span struct {
	From, To int
	Style    Style
}

// appendStyle changes from one style to another.
func appendStyle(out []byte, from, to Style) []byte {
	if from == to {
		return out
	}
	if from != "" {
		out = append(out, "\x1b[0m"...)
	}
	if to == "" {
		return out
	}
	out = append(out, "\x1b["...)
	out = append(out, to...)
	return append(out, 'm')
}

// valid returns the style, or plain if it is not valid.
func (s Style) valid() Style {
	if strings.Trim(string(s), "0123456789;:") != "" {
		return ""
	}
	return s
}

// checked returns the colours without invalid styles, and with defaults for those that must be visible.
func (c Colors) checked() Colors {
	return Colors{
		Prompt: c.Prompt.valid(), Fold: c.Fold.valid(), Hint: c.Hint.valid(), Status: c.Status.valid(),
		Match: cmp.Or(c.Match.valid(), "7"), Selected: cmp.Or(c.Selected.valid(), "7"), Note: c.Note.valid(), Suggestion: c.Suggestion.valid(),
	}
}
