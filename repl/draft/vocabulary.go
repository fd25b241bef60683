package draft

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Vocabulary holds the keys of the JSON messages of a session, and the short values of each.
type Vocabulary struct {
	mu     sync.Mutex // guards the fields below
	order  []string   // keys, the one seen last at the end
	values map[string][]string
}

// The bounds of a Vocabulary.
const (
	maxKeys   = 1000
	maxValues = 50 // of a key
	maxWord   = 64 // bytes of a key or a value
)

// Learn adds the keys and values of a message, or of the beginning of one.
func (v *Vocabulary) Learn(message string) {
	if !isJSON(message) {
		return
	}
	tokens := scan(message)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.values == nil {
		v.values = map[string][]string{}
	}
	for i, t := range tokens {
		if t.kind != key || !t.ended {
			continue
		}
		name, ok := unquote(message[t.from:t.to])
		if !ok || len(name) > maxWord {
			continue
		}
		v.addKey(name)
		if i+2 < len(tokens) && message[tokens[i+1].from] == ':' && isValue(tokens[i+2]) {
			value := tokens[i+2]
			v.addValue(name, message[value.from:value.to])
		}
	}
}

// isValue reports whether a token is a whole string, number or literal.
func isValue(t token) bool {
	return t.ended && (t.kind == text || t.kind == number || t.kind == literal)
}

func (v *Vocabulary) addKey(name string) {
	if _, known := v.values[name]; known {
		if v.order[len(v.order)-1] != name {
			i := slices.Index(v.order, name)
			v.order = append(slices.Delete(v.order, i, i+1), name)
		}
		return
	}
	if len(v.order) == maxKeys {
		delete(v.values, v.order[0])
		v.order = slices.Delete(v.order, 0, 1)
	}
	v.order, v.values[name] = append(v.order, name), nil
}

func (v *Vocabulary) addValue(name, value string) {
	known := v.values[name]
	if len(value) > maxWord || len(known) > 0 && known[len(known)-1] == value {
		return
	}
	if i := slices.Index(known, value); i >= 0 {
		known = slices.Delete(known, i, i+1)
	} else if len(known) == maxValues {
		known = slices.Delete(known, 0, 1)
	}
	v.values[name] = append(known, value)
}

// Complete returns the keys or values, as JSON, that could stand at the end of before, the latest first, and the part of before that
// they do not replace. It reports false if before is not within an object or an array.
func (v *Vocabulary) Complete(before string) (head string, list []string, ok bool) {
	if !Incomplete(before) {
		return before, nil, false
	}
	tokens := scan(before)
	begun := "" // what was typed of a string, a number or a literal
	if last := tokens[len(tokens)-1]; !last.ended || last.to == len(before) && (last.kind == number || last.kind == literal || last.kind == broken) {
		begun = before[last.from:]
		tokens = tokens[:len(tokens)-1]
	}
	head = before[:len(before)-len(begun)]
	v.mu.Lock()
	defer v.mu.Unlock()
	inObject := before[tokens[innermost(tokens)].from] == '{'
	last := tokens[len(tokens)-1]
	switch {
	case follows(before, tokens, ':'):
		name := ""
		if n := len(tokens) - 2; n >= 0 && tokens[n].kind == key {
			name, _ = unquote(before[tokens[n].from:tokens[n].to])
		}
		list = v.values[name]
	case inObject && (last.kind == open || follows(before, tokens, ',')):
		for _, name := range v.order {
			list = append(list, quote(name)+": ")
		}
	}
	list = slices.DeleteFunc(slices.Clone(list), func(word string) bool { return !strings.HasPrefix(word, begun) || word == begun })
	slices.Reverse(list)
	return head, list, true
}

// innermost returns the last token that is a bracket which is not closed.
func innermost(tokens []token) int {
	for i := len(tokens) - 1; i >= 0; i-- {
		if tokens[i].kind == open && tokens[i].partner < 0 {
			return i
		}
	}
	return 0
}

func unquote(s string) (string, bool) {
	var text string
	err := json.Unmarshal([]byte(s), &text)
	return text, err == nil
}

func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s)
	return strings.TrimSuffix(b.String(), "\n")
}
