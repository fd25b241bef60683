package terminal

import (
	"slices"
	"unicode"
)

// search is an incremental search in the history. The line shows the entry found, with the cursor at the match.
type search struct {
	query   []rune
	at      int  // the entry found last
	forward bool // to newer entries
	failed  bool
	origin  line // the line before the search
	from    int  // and its position in the history
}

// startSearch starts a search for older or newer entries.
func (e *editor) startSearch(forward bool) outcome {
	e.search = &search{at: e.recall.at, forward: forward, origin: e.line.clone(), from: e.recall.at}
	return proceed
}

// searchKey handles a key during a search. A key without a meaning there ends the search and is handled as a key of the line.
func (e *editor) searchKey(k key) outcome {
	s := e.search
	switch {
	case k == key{code: 'r', mod: ctrl}:
		s.forward = false
		e.findEntry(s.at - 1)
	case k == key{code: 's', mod: ctrl}:
		s.forward = true
		e.findEntry(s.at + 1)
	case k == key{code: 'g', mod: ctrl}, k == key{code: 'c', mod: ctrl}:
		e.line, e.search = s.origin, nil
	case k.code == keyBackspace || k == key{code: 'h', mod: ctrl}:
		q := line{text: s.query}
		s.query = s.query[:q.left(len(q.text))]
		e.findEntry(s.from)
	case k.printable():
		s.query = append(s.query, k.code)
		e.findEntry(s.at)
	case k.code == keyPaste:
		s.query = append(s.query, []rune(k.text)...)
		e.findEntry(s.at)
	case k.code == keyEscape:
		e.acceptSearch()
	default:
		e.acceptSearch()
		return e.key(k)
	}
	return proceed
}

// findEntry shows the first entry from i on, in the direction of the search, that contains the query.
func (e *editor) findEntry(i int) {
	s, history := e.search, e.recall.history
	step := -1
	if s.forward {
		step = 1
	}
	s.failed = false
	if len(s.query) == 0 {
		e.line, s.at = s.origin.clone(), s.from
		return
	}
	for ; i >= 0 && i <= history.Len(); i += step {
		if i == history.Len() || history.next(i, 1, "") != i {
			continue
		}
		if at := indexFold([]rune(history.at(i)), s.query); at >= 0 {
			s.at = i
			e.show(history.at(i))
			e.pos = e.snap(min(at, len(e.text)))
			return
		}
	}
	s.failed = true
}

// acceptSearch ends a search, and keeps the entry found as the line.
func (e *editor) acceptSearch() {
	s := e.search
	e.search = nil
	if len(s.query) == 0 || s.at == e.recall.history.Len() {
		e.line = s.origin
		return
	}
	e.undo.save(s.origin)
	e.recall.moveTo(s.origin, s.at)
	e.recall.prefix = ""
}

// matchRange returns the part of the line that matches the search, in runes.
func (e *editor) matchRange() (from, to int) {
	s := e.search
	if s == nil || len(s.query) == 0 || e.pos+len(s.query) > len(e.text) {
		return 0, 0
	}
	return e.pos, e.pos + len(s.query)
}

// prompt returns the row below the line that shows the query.
func (s *search) prompt() string {
	switch {
	case s.failed:
		return "no match: " + string(s.query)
	case s.forward:
		return "search forward: " + string(s.query)
	}
	return "search: " + string(s.query)
}

// indexFold returns the index of query in text, in runes, or -1. A query without capital letters ignores case.
func indexFold(text, query []rune) int {
	same := func(a, b rune) bool { return unicode.ToLower(a) == b }
	if slices.ContainsFunc(query, unicode.IsUpper) {
		same = func(a, b rune) bool { return a == b }
	}
	for i := 0; i+len(query) <= len(text); i++ {
		if slices.EqualFunc(text[i:i+len(query)], query, same) {
			return i
		}
	}
	return -1
}
