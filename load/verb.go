package load

import (
	"slices"

	"wsx/dialect"
)

// Verb is a verb of a dialect, used once for each message.
type Verb struct {
	name  string
	words []*Message
}

// ParseVerb returns the verb with a name and arguments, which may have the fields {{.Conn}} and {{.Seq}}.
func ParseVerb(name string, args []string) (*Verb, error) {
	v := &Verb{name: name}
	for _, arg := range args {
		word, err := ParseMessage(arg, false)
		if err != nil {
			return nil, err
		}
		v.words = append(v.words, word)
	}
	return v, nil
}

// HasMark reports whether each message has its mark.
func (v *Verb) HasMark() bool {
	return slices.ContainsFunc(v.words, (*Message).HasMark)
}

// Check returns an error if the verb is invalid in a dialect. It does not use the verb.
func (v *Verb) Check(d *dialect.Dialect) error {
	var words []string
	for _, word := range v.words {
		words = append(words, word.example())
	}
	return d.Check(v.name, dialect.PlainWords(words...))
}
