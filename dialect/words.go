package dialect

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"wsx/jq"
)

// Word is a word after a verb.
type Word struct {
	Text   string `json:"text,omitempty"`
	Quoted bool   `json:"quoted,omitempty"` // text, even for a JSON parameter
	File   bool   `json:"file,omitempty"`   // the content of a file
	Bytes  []byte `json:"bytes,omitempty"`  // content of a file that is not text; nil = use Text
}

// PlainWords returns the words of a command line.
func PlainWords(texts ...string) []Word {
	list := make([]Word, len(texts))
	for i, t := range texts {
		list[i].Text = t
	}
	return list
}

// FileWord returns a word for the content of a file.
func FileWord(content []byte) Word {
	if utf8.Valid(content) {
		return Word{Text: string(content), File: true}
	}
	return Word{Bytes: content, File: true}
}

// SplitWords splits a typed line into words: at spaces, but not in 'quotes', in "JSON strings", or in the brackets of JSON.
func SplitWords(line string) ([]Word, error) {
	var list []Word
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return list, nil
		}
		var w Word
		var err error
		if w, line, err = cutWord(line); err != nil {
			return nil, err
		}
		list = append(list, w)
	}
}

func cutWord(line string) (w Word, rest string, err error) {
	switch line[0] {
	case '\'':
		text, rest, ended := strings.Cut(line[1:], "'")
		if !ended {
			return w, "", &UsageError{Message: "missing closing '"}
		}
		return Word{Text: text}, rest, nil
	case '"', '{', '[':
		values := jq.TextValues(line)
		value, err := values.Next()
		if err != nil {
			break // not JSON after all
		}
		if n := values.At(); n == len(line) || line[n] == ' ' || line[n] == '\t' {
			if text, isText := value.(string); isText {
				return Word{Text: text, Quoted: true}, line[n:], nil
			}
			return Word{Text: line[:n]}, line[n:], nil
		}
	}
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		return Word{Text: line[:i]}, line[i:], nil
	}
	return Word{Text: line}, "", nil
}

// bind assigns words to the parameters of a verb.
func (v Verb) bind(words []Word) (map[string]any, error) {
	input := map[string]any{}
	for _, p := range v.Params {
		if p.Rest {
			list := make([]any, 0, len(words))
			for _, w := range words {
				value, err := p.value(w)
				if err != nil {
					return nil, err
				}
				list = append(list, value)
			}
			if len(list) == 0 && !p.Optional {
				return nil, v.usageError("without " + p.Name)
			}
			input[p.Name], words = list, nil
			continue
		}
		if len(words) == 0 {
			if !p.Optional {
				return nil, v.usageError("without " + p.Name)
			}
			input[p.Name] = nil
			continue
		}
		value, err := p.value(words[0])
		if err != nil {
			return nil, err
		}
		input[p.Name], words = value, words[1:]
	}
	if len(words) > 0 {
		return nil, v.usageError(fmt.Sprintf("with too many arguments, at %.40q", words[0].Text))
	}
	return input, nil
}

func (v Verb) usageError(how string) error {
	return &UsageError{Message: v.Name + " " + how, Hint: v.Usage()}
}

// value returns the value of a word for this parameter.
func (p Param) value(w Word) (any, error) {
	if w.Bytes != nil {
		return map[string]any{bytesMember: base64.StdEncoding.EncodeToString(w.Bytes)}, nil
	}
	if p.Kind == Text || p.Kind == Value && w.Quoted {
		return w.Text, nil
	}
	value, err := jq.Parse(w.Text)
	switch {
	case err == nil:
		return value, nil
	case p.Kind == Value:
		return w.Text, nil
	}
	return nil, &UsageError{Message: fmt.Sprintf("%s is not JSON: %.40q", p.Name, w.Text)}
}
