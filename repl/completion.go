package repl

import (
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

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
}
