// Package draft analyses JSON while it is typed: it splits it into tokens, reports whether it is complete, reformats it, and
// suggests keys and values.
package draft

import (
	"bytes"
	"encoding/json"
	"strings"
)

// kind is the kind of a token.
type kind uint8

const (
	key     kind = iota // a string before a colon, or where one is due
	text                // another string
	number              // a word that begins like a number
	literal             // true, false, null
	open                // { or [
	closing             // } or ]
	mark                // , or :
	broken              // none of these, or a closing bracket that does not match
)

// token is a part of a line from byte from up to byte to.
type token struct {
	kind     kind
	from, to int
	parent   int // the token of the innermost bracket around it; -1 = there is no bracket around it
	partner  int // the token of the matching bracket; -1 = no bracket matches
	ended    bool
}

// scan splits JSON, complete or not, into tokens. It accepts any text.
func scan(s string) []token {
	var tokens []token
	var opened []int // tokens of brackets that are open
	for i := 0; i < len(s); {
		t := token{from: i, to: i + 1, parent: -1, partner: -1, ended: true}
		if n := len(opened); n > 0 {
			t.parent = opened[n-1]
		}
		switch c := s[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
			continue
		case c == '{' || c == '[':
			t.kind = open
			opened = append(opened, len(tokens))
		case c == '}' || c == ']':
			t.kind = closing
			last := len(opened) - 1
			if last < 0 || s[tokens[opened[last]].from] != c-2 { // in ASCII { and } are two apart, as [ and ] are
				t.kind = broken
				break
			}
			t.partner = opened[last]
			tokens[t.partner].partner = len(tokens)
			opened = opened[:last]
		case c == ',' || c == ':':
			t.kind = mark
		case c == '"':
			t.to, t.ended = endOfString(s, i)
			t.kind = text
			if t.parent >= 0 && s[tokens[t.parent].from] == '{' && !follows(s, tokens, ':') {
				t.kind = key
			}
		default:
			t.to = endOfWord(s, i)
			t.kind = wordKind(s[i:t.to])
		}
		tokens = append(tokens, t)
		i = t.to
	}
	return tokens
}

// follows reports whether the last token is the mark c.
func follows(s string, tokens []token, c byte) bool {
	return len(tokens) > 0 && tokens[len(tokens)-1].kind == mark && s[tokens[len(tokens)-1].from] == c
}

// endOfString returns the end of the string that begins at i, and reports whether it is terminated.
func endOfString(s string, i int) (end int, ended bool) {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j + 1, true
		}
	}
	return len(s), false
}

// endOfWord returns where a number, a literal, or anything else that is not quoted ends.
func endOfWord(s string, i int) int {
	if n := strings.IndexAny(s[i:], " \t\r\n,:{}[]\""); n >= 0 {
		return i + max(1, n)
	}
	return len(s)
}

func wordKind(word string) kind {
	switch {
	case word == "true" || word == "false" || word == "null":
		return literal
	case word[0] == '-' || word[0] >= '0' && word[0] <= '9':
		return number
	}
	return broken
}

// isJSON reports whether a text begins like a JSON object or array.
func isJSON(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return s != "" && (s[0] == '{' || s[0] == '[')
}

// Incomplete reports whether a text is the beginning of an object or array, with an open bracket or string. It is false if a
// closing bracket does not match, which no continuation can correct.
func Incomplete(s string) bool {
	if !isJSON(s) {
		return false
	}
	tokens := scan(s)
	incomplete := !tokens[len(tokens)-1].ended
	for _, t := range tokens {
		if t.kind == broken && strings.IndexByte("}]", s[t.from]) >= 0 {
			return false
		}
		incomplete = incomplete || t.kind == open && t.partner < 0
	}
	return incomplete
}

// Broken reports whether a text looks like an object or array but is invalid, whatever follows. An array must begin with a
// value: [12:30] and [news] are common in lines of a chat.
func Broken(s string) bool {
	s = strings.TrimSpace(s)
	if !isJSON(s) || strings.IndexByte("}]", s[len(s)-1]) < 0 || Incomplete(s) || json.Valid([]byte(s)) {
		return false
	}
	second := scan(s)[1]
	return s[0] == '{' || second.kind == open || second.kind == text || second.kind == number
}

// Reformat indents JSON, or puts it on one line if it has several. It reports whether s is a JSON object or array.
func Reformat(s string) (string, bool) {
	var b bytes.Buffer
	var err error
	if strings.Contains(strings.TrimSpace(s), "\n") {
		err = json.Compact(&b, []byte(s))
	} else {
		err = json.Indent(&b, []byte(strings.TrimSpace(s)), "", "  ")
	}
	return b.String(), err == nil && isJSON(s)
}
