package terminal

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// vt is a terminal that understands only what the screen may write, and fails the test on anything else. It wraps a full row when the
// next character arrives (pending wrap), keeps what scrolls off, and wraps rows again when its width changes.
type vt struct {
	t             *testing.T
	width, height int
	rows          []vtRow // what has scrolled off, and the screen
	top           int     // the first row of the screen
	x, y          int     // the cursor; y counts from the first of all rows
	pending       bool    // the next character wraps
	savedX        int
	savedY        int
	style         string
	frame         bool // within synchronized output
	paste         bool // pastes are bracketed
	naive         bool // joined emoji are drawn one after the other
	lenient       bool // the cursor may be moved beyond the first row, where it stops
	noReflow      bool // rows stay as they are when the width changes
}

// vtRow is a row of cells. An empty cell follows that of a wide character. Cells that were never written do not exist.
type vtRow struct {
	cells   []vtCell
	wrapped bool // the line continues in the next row
}

type vtCell struct{ text, style string }

func newVT(t *testing.T, width, height int) *vt {
	return &vt{t: t, width: width, height: height, rows: make([]vtRow, height)}
}

// Write interprets bytes as a terminal does.
func (v *vt) Write(p []byte) (int, error) {
	if !utf8.Valid(p) {
		v.t.Fatalf("not UTF-8: %q", p)
	}
	for s := string(p); s != ""; {
		n := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 })
		if n < 0 {
			n = len(s)
		}
		v.print(s[:n])
		s = s[n:]
		if s != "" {
			s = s[v.control(s):]
		}
	}
	return len(p), nil
}

func (v *vt) print(s string) {
	for s != "" {
		if n := v.plainRun(s); n > 0 {
			s = s[n:]
			continue
		}
		var cluster string
		if cluster, s, _, _ = uniseg.FirstGraphemeClusterInString(s, -1); v.naive {
			for _, r := range cluster {
				v.put(string(r), min(2, uniseg.StringWidth(string(r))))
			}
			continue
		}
		v.put(cluster, min(2, uniseg.StringWidth(cluster)))
	}
}

// plainRun appends the ASCII at the beginning of s to the row, as far as it fits without wrapping, and returns its length. It does
// what put would do, faster.
func (v *vt) plainRun(s string) (n int) {
	row := v.row()
	if v.pending || len(row.cells) != v.x {
		return 0
	}
	for n < len(s) && n < v.width-1-v.x && s[n] < utf8.RuneSelf {
		n++
	}
	if n < len(s) && s[n] >= utf8.RuneSelf && n > 0 {
		n-- // a combining mark may follow it
	}
	for i := range n {
		row.cells = append(row.cells, vtCell{s[i : i+1], v.style})
	}
	v.x += n
	return n
}

func (v *vt) put(s string, width int) {
	if width == 0 {
		if !v.naive {
			v.t.Fatalf("%q has no width", s)
		}
		return
	}
	if v.pending || v.x+width > v.width {
		v.row().wrapped = true
		v.x, v.pending = 0, false
		v.down()
	}
	row := v.row()
	if row.cells == nil {
		row.cells = make([]vtCell, 0, v.width)
	}
	for len(row.cells) < v.x+width {
		row.cells = append(row.cells, vtCell{text: " "})
	}
	row.cells[v.x] = vtCell{s, v.style}
	if width == 2 {
		row.cells[v.x+1] = vtCell{"", v.style}
	}
	if v.x += width; v.x == v.width {
		v.x, v.pending = v.width-1, true
	}
}

func (v *vt) row() *vtRow { return &v.rows[v.y] }

// down goes to the next row and scrolls when it was the last.
func (v *vt) down() {
	v.y++
	if v.y == v.top+v.height {
		v.top++
		v.rows = append(v.rows, vtRow{})
	}
}

// control interprets a control character or sequence and returns its length.
func (v *vt) control(s string) int {
	switch s[0] {
	case '\r':
		v.x, v.pending = 0, false
		return 1
	case '\n':
		v.down()
		return 1
	case '\t':
		v.x = min(v.width-1, v.x/8*8+8)
		return 1
	case 0x1b:
		return v.escape(s)
	}
	v.t.Fatalf("control %q", s[:1])
	return 0
}

func (v *vt) escape(s string) int {
	for _, known := range []struct {
		s  string
		do func()
	}{
		{"\x1b7", func() { v.savedX, v.savedY = v.x, v.y-v.top }},
		{"\x1b8", func() { v.x, v.y, v.pending = v.savedX, v.savedY+v.top, false }},
		{"\x1b[?2026h", func() { v.setMode(&v.frame, true) }},
		{"\x1b[?2026l", func() { v.setMode(&v.frame, false) }},
		{"\x1b[?2004h", func() { v.setMode(&v.paste, true) }},
		{"\x1b[?2004l", func() { v.setMode(&v.paste, false) }},
		{"\x1b[K", v.eraseRow},
		{"\x1b[J", v.eraseBelow},
		{"\x1b[B", func() { v.y, v.pending = min(v.y+1, v.top+v.height-1), false }},
	} {
		if strings.HasPrefix(s, known.s) {
			known.do()
			return len(known.s)
		}
	}
	return v.counted(s)
}

func (v *vt) setMode(mode *bool, on bool) {
	if *mode == on {
		v.t.Fatalf("a mode is set to %v twice", on)
	}
	*mode = on
}

// counted interprets the sequences with a number: up, right, and the style of what follows.
func (v *vt) counted(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
	if !strings.HasPrefix(s, "\x1b[") || end < 3 {
		v.t.Fatalf("sequence %q", s[:min(len(s), 20)])
	}
	n := parseParameters([]byte(s[2:end]))[0]
	switch s[end] {
	case 'A':
		if n < 1 || v.y-n < v.top && !v.lenient {
			v.t.Fatalf("%d up from row %d", n, v.y-v.top)
		}
		v.y, v.pending = max(v.top, v.y-n), false
	case 'C':
		if n < 1 || v.x+n > v.width-1 {
			v.t.Fatalf("%d right from column %d of %d", n, v.x, v.width)
		}
		v.x, v.pending = v.x+n, false
	case 'm':
		v.style = s[2:end]
		if v.style == "0" {
			v.style = ""
		}
	default:
		v.t.Fatalf("sequence %q", s[:end+1])
	}
	return end + 1
}

func (v *vt) eraseRow() {
	if v.pending {
		v.t.Fatal("EL behind a full row erases its last character on some terminals")
	}
	row := v.row()
	row.cells = row.cells[:min(len(row.cells), v.x)]
	row.wrapped = false
}

func (v *vt) eraseBelow() {
	if v.x == 0 && v.y == v.top && v.height > 1 {
		v.t.Fatal("ED at the home position: tmux would keep what it erases")
	}
	v.eraseRow()
	for i := v.y + 1; i < len(v.rows); i++ {
		v.rows[i] = vtRow{}
	}
}

// resize changes the size as tmux and the VTE do: rows that wrapped are joined and wrapped again, the cursor keeps its character.
func (v *vt) resize(width, height int) {
	if width != v.width && !v.noReflow {
		v.reflow(width)
	}
	if v.noReflow {
		v.x = min(v.x, width-1)
	}
	v.width, v.height = width, height
	used := v.y + 1
	for i, row := range v.rows {
		if len(row.cells) > 0 {
			used = max(used, i+1)
		}
	}
	v.rows = v.rows[:used]
	v.top = max(0, min(used-height, v.y), v.y-height+1)
	v.rows = v.rows[:min(used, v.top+height)]
	for len(v.rows) < v.top+height {
		v.rows = append(v.rows, vtRow{})
	}
}

func (v *vt) reflow(width int) {
	line, offset := v.cursor()
	lines := v.lines()
	v.rows, v.x, v.y, v.pending = nil, 0, 0, false
	for i, cells := range lines {
		v.wrap(cells, width)
		if i != line {
			continue
		}
		first := len(v.rows) - 1
		for first > 0 && v.rows[first-1].wrapped {
			first--
		}
		v.y, v.x = first, offset
		for v.x >= len(v.rows[v.y].cells) && v.rows[v.y].wrapped {
			v.x -= len(v.rows[v.y].cells)
			v.y++
		}
		if v.x >= width {
			v.x, v.pending = width-1, true
		}
	}
}

// wrap appends a line on rows of a width.
func (v *vt) wrap(cells []vtCell, width int) {
	for len(cells) > width {
		n := width
		if cells[n].text == "" { // do not split a wide character
			n--
		}
		v.rows = append(v.rows, vtRow{slices.Clone(cells[:n]), true})
		cells = cells[n:]
	}
	v.rows = append(v.rows, vtRow{cells: slices.Clone(cells)})
}

// lines returns all rows, with those that wrapped joined.
func (v *vt) lines() (lines [][]vtCell) {
	var line []vtCell
	for _, row := range v.rows {
		line = append(line, row.cells...)
		if !row.wrapped {
			lines, line = append(lines, line), nil
		}
	}
	return lines
}

// cursor returns the line of the cursor, and its column in that line.
func (v *vt) cursor() (line, offset int) {
	for i := range v.y {
		if offset += len(v.rows[i].cells); !v.rows[i].wrapped {
			line, offset = line+1, 0
		}
	}
	offset += v.x
	if v.pending {
		offset++
	}
	return line, offset
}

// text returns all rows as lines, without the blank ones at the end.
func (v *vt) text() []string { return trimEnd(v.allText()) }

func (v *vt) allText() []string {
	var lines []string
	for _, cells := range v.lines() {
		var b strings.Builder
		for _, c := range cells {
			b.WriteString(c.text)
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// screenRows returns the rows of the screen only.
func (v *vt) screenRows() []string {
	var rows []string
	for _, row := range v.rows[v.top:] {
		var b strings.Builder
		for _, c := range row.cells {
			b.WriteString(c.text)
		}
		rows = append(rows, strings.TrimRight(b.String(), " "))
	}
	return rows
}

// removeScrolled removes and returns the rows that have scrolled off, so that their number stays bounded.
func (v *vt) removeScrolled() []string {
	off := v.rows[:v.top]
	v.rows, v.y, v.top = v.rows[v.top:], v.y-v.top, 0
	return (&vt{rows: off}).allText()
}
