package repl

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"wsx/repl/draft"
	"wsx/terminal"
)

// Completion knows what Tab offers: commands and their arguments, names of files behind @, words of received messages.
type Completion struct {
	seen    seen
	json    draft.Vocabulary
	since   time.Time                    // when messages were counted from, the receiver's own as the next one
	learned int                          // how many were since
	kept    atomic.Pointer[keptMessages] // the messages with names of the present server; nil = none yet
	dialect atomic.Pointer[Dialect]      // nil = none is spoken
}

// In a flood only learnedMessages of each learnInterval are searched for keys and values: that takes longer than to show them.
const (
	learnInterval   = 10 * time.Millisecond
	learnedMessages = 20
)

// learn remembers the words of a message that was received at a time. Only the receiver calls it.
func (c *Completion) learn(at time.Time, payload []byte) {
	c.seen.add(payload)
	if at.Sub(c.since) >= learnInterval {
		c.since, c.learned = at, 0
	}
	if c.learned++; c.learned <= learnedMessages {
		c.json.Learn(string(payload[:min(len(payload), seenBytes)]))
	}
}

// learnSent remembers the words of a message that was typed. It is for any goroutine.
func (c *Completion) learnSent(payload []byte) {
	c.seen.add(payload)
	c.json.Learn(string(payload[:min(len(payload), seenBytes)]))
}

// Complete returns how a line can go on at a position, as terminal.Completer does.
func (c *Completion) Complete(line string, pos int) (head string, list []terminal.Candidate) {
	before := line[:pos]
	name, arg, hasArg := strings.Cut(before, " ")
	isCommand := strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "//")
	d := c.dialect.Load()
	if isCommand && !hasArg {
		return "/", beginning(append(verbNames(d), commandNames("")...), name[1:])
	}
	if isCommand && (name == "/send" || name == "/keep") {
		return name + " ", beginning(c.kept.Load().candidates(), strings.TrimLeft(arg, " "))
	}
	if row, _, err := d.parse(name); isCommand && err == nil && row.words != nil {
		arg = strings.TrimLeft(arg, " ")
		return before[:len(before)-len(arg)], beginning(row.words(arg), arg)
	}
	if start := c.messageStart(before); start < len(before) {
		if kept, words, ok := c.json.Complete(before[start:]); ok {
			return before[:start] + kept, continuing(words, line[pos:])
		}
	}
	word := before[strings.LastIndexFunc(before, unicode.IsSpace)+1:]
	if path, isFile := strings.CutPrefix(word, "@"); isFile {
		return before[:len(before)-len(path)], files(path)
	}
	word = before[strings.LastIndexFunc(before, notInWord)+1:]
	return before[:len(before)-len(word)], c.seen.words(word)
}

// continuing returns candidates of JSON, without what stands behind the cursor already.
func continuing(words []string, after string) []terminal.Candidate {
	list := make([]terminal.Candidate, len(words))
	for i, word := range words {
		for n := len(word); n > 0; n-- {
			if strings.HasPrefix(after, word[len(word)-n:]) {
				word = word[:len(word)-n]
				break
			}
		}
		list[i] = terminal.Candidate{Text: word, Open: true}
	}
	return list
}

// Hint returns what the command on the line takes, or "".
func (c *Completion) Hint(line string) string {
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		return ""
	}
	row, _, err := c.dialect.Load().parse(line)
	if err != nil {
		return ""
	}
	return row.usage() + "  " + row.help
}

// verbNames returns the verbs of a dialect.
func verbNames(d *Dialect) (list []terminal.Candidate) {
	for _, row := range d.verbs() {
		list = append(list, terminal.Candidate{Text: row.name, Note: row.help})
	}
	return list
}

// beginning returns the candidates that begin with what was typed.
func beginning(list []terminal.Candidate, typed string) []terminal.Candidate {
	return slices.DeleteFunc(list, func(one terminal.Candidate) bool { return !strings.HasPrefix(one.Text, typed) })
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
}

// The bounds of what is remembered for completion.
const (
	seenMessages = 64
	seenBytes    = 2048 // of each message
	shortWord    = 2    // letters that must be typed before words are offered
	longWord     = 64   // letters that a word has at most
)

// seen remembers the beginnings of the latest messages, for the words in them.
type seen struct {
	mu     sync.Mutex // guards the fields below
	latest [seenMessages][]byte
	next   int
}

// add remembers the beginning of a message.
func (s *seen) add(payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest[s.next] = append(s.latest[s.next][:0], payload[:min(len(payload), seenBytes)]...)
	s.next = (s.next + 1) % seenMessages
}

// words returns those that begin with what was typed and go on, the latest first.
func (s *seen) words(typed string) (list []terminal.Candidate) {
	if len(typed) < shortWord {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[string]bool{typed: true}
	for i := range seenMessages {
		text := s.latest[(s.next+seenMessages-1-i)%seenMessages]
		for _, word := range strings.FieldsFunc(string(text), notInWord) {
			if strings.HasPrefix(word, typed) && len(word) <= longWord && !known[word] {
				known[word] = true
				list = append(list, terminal.Candidate{Text: word})
			}
		}
	}
	return list
}
