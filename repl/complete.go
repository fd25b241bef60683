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

// Completion completes commands and their arguments, file names after @, JSON, and words of messages.
type Completion struct {
	recent  recentMessages
	json    draft.Vocabulary
	since   time.Time                    // start of the interval in which learned counts; belongs to the receiver, like learned
	learned int                          // messages learned in the interval
	kept    atomic.Pointer[keptMessages] // the messages with names of the present server; nil = no session yet
	dialect atomic.Pointer[Dialect]      // nil = no dialect
}

// At most learnedMessages in each learnInterval are searched for keys and values, since that takes longer than showing them.
const (
	learnInterval   = 10 * time.Millisecond
	learnedMessages = 20
)

// learn adds the words of a received message. Only the receiver calls it.
func (c *Completion) learn(at time.Time, payload []byte) {
	c.recent.add(payload)
	if at.Sub(c.since) >= learnInterval {
		c.since, c.learned = at, 0
	}
	if c.learned++; c.learned <= learnedMessages {
		c.json.Learn(string(payload[:min(len(payload), maxRecentBytes)]))
	}
}

// learnSent adds the words of a typed message. Any goroutine may call it.
func (c *Completion) learnSent(payload []byte) {
	c.recent.add(payload)
	c.json.Learn(string(payload[:min(len(payload), maxRecentBytes)]))
}

// Complete returns the completions of a line at a position, as a terminal.Completer.
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
	return before[:len(before)-len(word)], c.recent.words(word)
}

// continuing returns candidates of JSON, without the part that already follows the cursor.
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

// Hint returns the usage of the command on the line, or "".
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

// beginning returns the candidates that begin with the typed text.
func beginning(list []terminal.Candidate, typed string) []terminal.Candidate {
	return slices.DeleteFunc(list, func(one terminal.Candidate) bool { return !strings.HasPrefix(one.Text, typed) })
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
}

// The bounds of what is remembered for completion.
const (
	maxRecent      = 64
	maxRecentBytes = 2048 // of each message
	minTyped       = 2    // letters that must be typed before words are offered
	maxWord        = 64   // letters that a word has at most
)

// recentMessages remembers the beginnings of the latest messages, for the words in them.
type recentMessages struct {
	mu     sync.Mutex // guards the fields below
	latest [maxRecent][]byte
	next   int
}

// add remembers the beginning of a message.
func (m *recentMessages) add(payload []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.latest[m.next] = append(m.latest[m.next][:0], payload[:min(len(payload), maxRecentBytes)]...)
	m.next = (m.next + 1) % maxRecent
}

// words returns the words that begin with the typed text and are longer, the latest first.
func (m *recentMessages) words(typed string) (list []terminal.Candidate) {
	if len(typed) < minTyped {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string]bool{typed: true}
	for i := range maxRecent {
		text := m.latest[(m.next+maxRecent-1-i)%maxRecent]
		for _, word := range strings.FieldsFunc(string(text), notInWord) {
			if strings.HasPrefix(word, typed) && len(word) <= maxWord && !known[word] {
				known[word] = true
				list = append(list, terminal.Candidate{Text: word})
			}
		}
	}
	return list
}
