package terminal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
)

// simulation runs a console on a vt and compares, after every frame, the whole terminal with what was printed and typed.
type simulation struct {
	t          *testing.T
	console    console
	vt         *vt
	now        time.Time
	transcript []string // lines that are, or will be, above the prompt
	frames     int
	busy       bool // no ReadLine waits: lines are queued
	stale      bool // a resize has pushed rows of the view out of reach
}

func newSimulation(t *testing.T, width, height int, c Config) *simulation {
	if c.Env == nil {
		c.Env = func(string) string { return "" }
	}
	if c.Frame == 0 {
		c.Frame = 17 * time.Millisecond
	}
	s := &simulation{t: t, vt: newVT(t, width, height), now: time.Unix(0, 0)}
	s.console = newConsole(c, newPrintBuffer(1<<20))
	s.console.screen.resize(width, height)
	s.console.active, s.console.dirty = true, true
	s.frame()
	return s
}

// print prints a message: whole lines.
func (s *simulation) print(message string) {
	s.console.prints.push([]byte(message))
	for line := range strings.SplitSeq(strings.TrimSuffix(message, "\n"), "\n") {
		s.transcript = append(s.transcript, strings.TrimRight(withoutTabs(withoutStyle(line)), " "))
	}
}

func withoutTabs(s string) string {
	before, after, found := strings.Cut(s, "\t")
	if !found {
		return s
	}
	return withoutTabs(before + strings.Repeat(" ", 8-uniseg.StringWidth(before)%8) + after)
}

// press types the bytes of keys.
func (s *simulation) press(bytes string) {
	c := &s.console
	c.readers = 1 << 30
	if s.busy {
		c.readers = 0
	}
	s.printing(func() {
		c.input([]byte(bytes))
		if c.decoder.waiting() {
			c.timeout()
		}
		for action := c.press(); action != proceed; action = c.press() {
			if action == interrupt {
				c.returnToPrompt(c.typedAhead.lines)
			}
		}
	})
}

// readQueued reads the first of the lines that are queued, and waits for the next one when the queue is empty.
func (s *simulation) readQueued() {
	c := &s.console
	s.busy = len(c.typedAhead.lines) > 0
	if s.busy {
		s.printing(func() { c.printQueued(c.typedAhead.lines[0]) })
	}
}

// printing calls a function that may print.
func (s *simulation) printing(f func()) {
	c := &s.console
	pushed := pendingLines(c.prints)
	f()
	if added := pendingLines(c.prints)[len(pushed):]; len(added) > 0 {
		s.transcript = append(s.transcript, added...)
	}
}

// pendingLines returns the lines in the printBuffer, without their styles.
func pendingLines(o *printBuffer) []string {
	text := strings.TrimSuffix(string(o.buf[o.from:]), "\n")
	if text == "" && len(o.buf) == o.from {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimRight(withoutStyle(line), " "))
	}
	return lines
}

func withoutStyle(s string) string {
	var b strings.Builder
	for s != "" {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			break
		}
		_, s, _ = strings.Cut(after, "m")
	}
	return b.String()
}

func (s *simulation) resize(width, height int) {
	s.vt.resize(width, height)
	c := &s.console
	c.screen.resize(width, height)
	if c.screen.drawn.on && s.vt.y-c.screen.drawn.row < s.vt.top {
		s.stale, s.vt.lenient = true, true
	}
	c.dirty = true
}

// frame draws what is due, a frame at a time, and compares after each.
func (s *simulation) frame() {
	s.t.Helper()
	for {
		s.now = s.now.Add(20 * time.Millisecond)
		if _, ok := s.console.due(s.now); !ok {
			return
		}
		bytes := s.console.frame(nil, s.now)
		s.vt.Write(bytes)
		s.frames++
		s.compare(string(bytes))
		if s.t.Failed() {
			s.t.FailNow()
		}
	}
}

// frameUnchecked draws what is due.
func (s *simulation) frameUnchecked() {
	for {
		s.now = s.now.Add(20 * time.Millisecond)
		if _, ok := s.console.due(s.now); !ok {
			return
		}
		s.vt.Write(s.console.frame(nil, s.now))
	}
}

// wanted is the expected text below the transcript.
type wanted struct {
	lines  []string // rows that wrap are one line
	line   int      // where the cursor is
	offset int      // the column in that line, as if it did not wrap
	below  []string
}

// expectedView computes the expected view, independently of the code under test.
func expectedView(c *console) wanted {
	v := c.view()
	w := wanted{lines: []string{escaped(c.config.Prompt)}}
	column := func() int { return uniseg.StringWidth(w.lines[len(w.lines)-1]) }
	markCursor := func() { w.line, w.offset = len(w.lines)-1, column() }
	for i := 0; i <= len(v.text); i++ {
		if i == v.pos {
			markCursor()
		}
		if i == len(v.text) {
			break
		}
		last := &w.lines[len(w.lines)-1]
		switch r := v.text[i]; {
		case r == '\n':
			w.lines = append(w.lines, escaped(c.more))
		case r >= foldBase:
			*last += v.label(r)
		default:
			j := i
			for j < len(v.text) && v.text[j] != '\n' && v.text[j] < foldBase && j != v.pos || j == i {
				j++
			}
			*last += escaped(string(v.text[i:j]))
			i = j - 1
		}
	}
	w.breakAtWords(c)
	w.suggest(v.suggestion, c.screen.width)
	for _, row := range v.below {
		text := ""
		for _, p := range row {
			text += p.text
		}
		w.below = append(w.below, text)
	}
	return w
}

// breakAtWords splits the lines where a word does not fit into its row.
func (w *wanted) breakAtWords(c *console) {
	lines, line, offset := []string{}, 0, 0
	for i, text := range w.lines {
		prefix := c.more
		if i == 0 {
			prefix = c.config.Prompt
		}
		parts := brokenAtWords(text, len(escaped(prefix)), max(2, c.screen.width))
		if i == w.line {
			line, offset = len(lines), w.offset
			for j := 0; j < len(parts)-1 && offset >= uniseg.StringWidth(parts[j]); j++ {
				offset -= uniseg.StringWidth(parts[j])
				line++
			}
		}
		lines = append(lines, parts...)
	}
	w.lines, w.line, w.offset = lines, line, offset
}

// brokenAtWords splits a line before each word after a blank that does not fit into its row of a terminal, but into one of its own.
func brokenAtWords(text string, prefix, width int) (lines []string) {
	all := clusters(text)
	line, column, offset := "", 0, 0
	for i, cluster := range all {
		if offset > prefix && all[i-1] == " " && cluster != " " {
			end := i
			for end < len(all) && all[end] != " " {
				end++
			}
			if n := columns(strings.Join(all[i:end], "")); column < width && n < width && column+n >= width {
				lines, line, column = append(lines, line), "", 0
			}
		}
		if column += columns(cluster); column > width {
			column = columns(cluster)
		}
		line += cluster
		offset += len(cluster)
	}
	return append(lines, line)
}

func clusters(text string) (all []string) {
	for state := -1; text != ""; {
		var cluster string
		cluster, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		all = append(all, cluster)
	}
	return all
}

// columns returns the width of a text, in which no cluster is wider than two.
func columns(text string) (n int) {
	for _, cluster := range clusters(text) {
		n += min(2, uniseg.StringWidth(cluster))
	}
	return n
}

// suggest appends as much of a suggestion to the last line as fits into its row, except the last column.
func (w *wanted) suggest(suggestion string, width int) {
	last := &w.lines[len(w.lines)-1]
	rows := wrapRows(*last, width)
	used := columns(rows[len(rows)-1]) % width
	suggestion = escaped(suggestion)
	for state := -1; suggestion != ""; {
		var cluster string
		cluster, suggestion, _, state = uniseg.FirstGraphemeClusterInString(suggestion, state)
		if used += columns(cluster); used >= width {
			return
		}
		*last += cluster
	}
}

// escaped returns a text as it should be shown.
func escaped(s string) string {
	var b strings.Builder
	for state := -1; s != ""; {
		var cluster string
		if cluster, s, _, state = uniseg.FirstGraphemeClusterInString(s, state); uniseg.StringWidth(cluster) > 0 {
			b.WriteString(cluster)
			continue
		}
		for _, r := range cluster {
			switch {
			case r < ' ':
				b.WriteString("^" + string(r+64))
			case r == 0x7f:
				b.WriteString("^?")
			default:
				fmt.Fprintf(&b, "\\u%04x", r)
			}
		}
	}
	return b.String()
}

// compare checks that the terminal shows the transcript, then the view, and nothing else, with the cursor at its place.
func (s *simulation) compare(frame string) {
	s.t.Helper()
	w := expectedView(&s.console)
	printed := s.transcript[:len(s.transcript)-len(pendingLines(s.console.prints))]
	got := s.vt.text()
	if s.stale {
		s.acceptStaleRows(printed, got)
		return
	}
	if s.vt.frame || !s.vt.paste {
		s.t.Errorf("modes after a frame: synchronized %v, bracketed paste %v", s.vt.frame, s.vt.paste)
	}
	if s.vt.style != "" {
		s.t.Errorf("the style %q is left on", s.vt.style)
	}
	if s.tooTall(w) {
		s.compareWindow(printed, w, frame)
		return
	}
	want := slices.Concat(printed, trimmed(w.lines), s.truncated(w.below))
	for len(want) > 0 && want[len(want)-1] == "" {
		want = want[:len(want)-1]
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("frame %d at %dx%d: %q\nwant %q\ngot  %q", s.frames, s.vt.width, s.vt.height, frame, tail(want), tail(got))
	}
	line, offset := s.vt.cursor()
	if line != len(printed)+w.line || offset != s.clamp(w) || s.vt.pending {
		s.t.Errorf("frame %d at %dx%d: %q\ncursor at line %d column %d, pending %v; want line %d column %d\nscreen %q", s.frames, s.vt.width, s.vt.height, frame, line, offset, s.vt.pending, len(printed)+w.line, s.clamp(w), s.vt.screenRows())
	}
}

// clamp returns the column of the cursor: after a full row that ends with a newline, that of the last character.
func (s *simulation) clamp(w wanted) int {
	text, pos := s.console.editor.text, s.console.editor.pos
	if pos == len(text) || text[pos] != '\n' {
		return w.offset
	}
	rows := wrapRows(w.lines[w.line], s.vt.width)
	if last := rows[len(rows)-1]; uniseg.StringWidth(last) == s.vt.width {
		return w.offset - uniseg.StringWidth(lastCluster(last))
	}
	return w.offset
}

func lastCluster(s string) (last string) {
	for state := -1; s != ""; {
		last, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
	}
	return last
}

func tail(lines []string) []string { return lines[max(0, len(lines)-12):] }

func trimmed(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, strings.TrimRight(line, " "))
	}
	return all
}

// truncated returns the rows below the line, truncated to the width.
func (s *simulation) truncated(below []string) []string {
	var all []string
	for _, row := range below {
		text, width := "", 0
		for state := -1; row != ""; {
			var cluster string
			cluster, row, _, state = uniseg.FirstGraphemeClusterInString(row, state)
			cluster = escaped(cluster)
			if width += uniseg.StringWidth(cluster); width > s.vt.width-1 {
				break
			}
			text += cluster
		}
		all = append(all, strings.TrimRight(text, " "))
	}
	return all
}

// wrapRows splits a line into rows as a terminal does.
func wrapRows(line string, width int) []string {
	rows, used := []string{""}, 0
	for state := -1; line != ""; {
		var cluster string
		cluster, line, _, state = uniseg.FirstGraphemeClusterInString(line, state)
		w := min(2, uniseg.StringWidth(cluster))
		if used+w > width {
			rows, used = append(rows, ""), 0
		}
		rows[len(rows)-1] += cluster
		used += w
	}
	return rows
}

// allRows returns the rows of the lines of a view, and the cursor's row.
func (s *simulation) allRows(w wanted) (rows []string, cursor int) {
	for i, line := range w.lines {
		part := wrapRows(line, s.vt.width)
		if i == len(w.lines)-1 && uniseg.StringWidth(part[len(part)-1]) == s.vt.width {
			part = append(part, "")
		}
		if i == w.line {
			cursor = len(rows) + s.rowOf(part, s.clamp(w))
		}
		rows = append(rows, part...)
	}
	return rows, cursor
}

// rowOf returns the index of the row that a column is in.
func (s *simulation) rowOf(rows []string, offset int) int {
	for i, row := range rows {
		if n := uniseg.StringWidth(row); offset >= n && i < len(rows)-1 {
			offset -= n
			continue
		}
		return i
	}
	return 0
}

func (s *simulation) tooTall(w wanted) bool {
	rows, _ := s.allRows(w)
	return len(rows)+len(w.below) > max(1, s.vt.height-1)
}

// compareWindow compares when the view is taller than the screen: a part of it is shown, the cursor in it.
func (s *simulation) compareWindow(printed []string, w wanted, frame string) {
	s.t.Helper()
	rows, cursor := s.allRows(w)
	available := max(1, s.vt.height-1)
	below := s.truncated(w.below)
	below = below[:min(len(below), available-1, max(available-len(rows), available/2, 1))]
	n := min(len(rows), available-len(below))
	above := s.vt.y
	for top := max(0, cursor-n+1); top <= min(cursor, len(rows)-n); top++ {
		first := above - (cursor - top)
		if first < s.vt.top || first+n+len(below) > len(s.vt.rows) {
			continue
		}
		got := rowTexts(s.vt.rows[first : first+n+len(below)])
		want := append(trimmed(rows[top:top+n]), below...)
		transcript := (&vt{rows: s.vt.rows[:first]}).text()
		if slices.Equal(got, want) && slices.Equal(transcript, trimEnd(printed)) && len((&vt{rows: s.vt.rows[first+n+len(below):]}).text()) == 0 {
			return
		}
	}
	s.t.Errorf("frame %d at %dx%d: %q\nno window of %d rows of\n%q\nround row %d is on the screen:\n%q\ntranscript\nwant %q\ngot  %q", s.frames, s.vt.width, s.vt.height, frame, n, rows, cursor, s.vt.screenRows(), tail(printed), tail(s.vt.text()))
}

func rowTexts(rows []vtRow) []string {
	return (&vt{rows: slices.Clone(rows)}).screenRows()
}

func trimEnd(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// acceptStaleRows counts rows of the view that a resize has pushed out of reach as part of the transcript, once every line of the
// transcript was found in its order.
func (s *simulation) acceptStaleRows(printed, got []string) {
	i := 0
	for _, line := range got {
		if i < len(printed) && line == printed[i] {
			i++
		}
	}
	if i < len(printed) {
		s.t.Errorf("after a resize the line %q is missing in %q", printed[i], tail(got))
		return
	}
	s.stale, s.vt.lenient = false, false
	rest := s.transcript[len(printed):]
	first := s.vt.y - s.console.screen.drawn.row
	if first > 0 {
		s.vt.rows[first-1].wrapped = false // a row of the old view that is out of reach may have continued
	}
	above := (&vt{rows: s.vt.rows[:first]}).allText()
	s.transcript = append(above, rest...)
	s.compare("the same frame, with stale rows accepted")
}
