package draft

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Vocabulary holds the keys of the JSON messages of a session, and the short values of each key.
type Vocabulary struct {
	mu     sync.Mutex // guards the fields below
	keys   []string   // the one seen last at the end
	values map[place][]string
}

// place is the place of a value: after a key, or at any depth in an array after a key. The key of a top-level array is "".
type place struct {
	key     string
	inArray bool
}

// The bounds of a Vocabulary.
const (
	maxKeys   = 1000
	maxValues = 50 // of a place
	maxWord   = 64 // bytes of a key or a value
)

// Learn adds the keys and values in a message, which may be truncated.
func (v *Vocabulary) Learn(message string) {
	if !isJSON(message) {
		return
	}
	tokens := scan(message)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.values == nil {
		v.values = map[place][]string{}
	}
	for i, t := range tokens {
		switch {
		case t.kind == key && t.ended:
			if name, ok := unquote(message[t.from:t.to]); ok && len(name) <= maxWord {
				v.addKey(name)
			}
		case isValue(t):
			if at, ok := placeOf(message, tokens[:i], t.parent); ok {
				v.addValue(at, message[t.from:t.to])
			}
		}
	}
}

// placeOf returns the place of a value that follows tokens, inside the bracket that is the token parent. It reports whether a
// value can follow.
func placeOf(s string, tokens []token, parent int) (at place, ok bool) {
	if parent >= 0 && s[tokens[parent].from] == '[' {
		last := len(tokens) - 1
		if last != parent && !follows(s, tokens, ',') {
			return place{}, false
		}
		for at.inArray = true; parent >= 0 && s[tokens[parent].from] == '['; {
			parent, tokens = tokens[parent].parent, tokens[:parent]
		}
		if parent < 0 {
			return at, true
		}
	}
	n := len(tokens) - 2
	if n < 0 || !follows(s, tokens, ':') || tokens[n].kind != key {
		return place{}, false
	}
	at.key, ok = unquote(s[tokens[n].from:tokens[n].to])
	return at, ok && len(at.key) <= maxWord
}

// isValue reports whether a token is a whole string, number or literal.
func isValue(t token) bool {
	return t.ended && (t.kind == text || t.kind == number || t.kind == literal)
}

func (v *Vocabulary) addKey(name string) {
	i := len(v.keys) - 1
	if i >= 0 && v.keys[i] == name {
		return
	}
	if _, known := v.values[place{key: name}]; known {
		i = slices.Index(v.keys, name)
		v.keys = append(slices.Delete(v.keys, i, i+1), name)
		return
	}
	if len(v.keys) == maxKeys {
		delete(v.values, place{key: v.keys[0]})
		delete(v.values, place{v.keys[0], true})
		v.keys = slices.Delete(v.keys, 0, 1)
	}
	v.keys, v.values[place{key: name}] = append(v.keys, name), nil
}

func (v *Vocabulary) addValue(at place, value string) {
	known := v.values[at]
	if len(value) > maxWord || len(known) > 0 && known[len(known)-1] == value {
		return
	}
	if i := slices.Index(known, value); i >= 0 {
		known = slices.Delete(known, i, i+1)
	} else if len(known) == maxValues {
		known = slices.Delete(known, 0, 1)
	}
	v.values[at] = append(known, value)
}

// Complete returns the keys or values, as JSON, that can complete before, the latest first, and the part of before that they do
// not replace. It reports whether before ends inside an object or array.
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
	parent := innermost(tokens)
	if at, isValue := placeOf(before, tokens, parent); isValue {
		list = v.values[at]
	} else if before[tokens[parent].from] == '{' && (len(tokens)-1 == parent || follows(before, tokens, ',')) {
		for _, name := range v.keys {
			list = append(list, quote(name)+": ")
		}
	}
	list = slices.DeleteFunc(slices.Clone(list), func(word string) bool { return !strings.HasPrefix(word, begun) || word == begun })
	slices.Reverse(list)
	return head, list, true
}

// innermost returns the last token that is an open bracket; 0 if no bracket is open.
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
