package terminal

import (
	"bytes"
	"slices"
	"strconv"
)

// screen makes the bytes of frames: erase the last view, print output, draw the new view. It remembers what it has drawn below
// the transcript. It uses no absolute positions, scroll regions, backspaces or queries.
type screen struct {
	width, height int
	noReflow      bool // the terminal does not rewrap rows when its width changes
	drawn         drawn
}

// drawn is what the last frame has drawn below the transcript.
type drawn struct {
	on       bool
	cells    []cell // from the first visible one
	cursor   int    // index in cells
	row      int    // the cursor's, from the first visible row
	multiRow bool   // there is more than one row
}

const (
	beginFrame = "\x1b[?2026h" // synchronized output: terminals that know it show a frame at once
	endFrame   = "\x1b[?2026l"
	pasteOn    = "\x1b[?2004h" // bracketed paste
	pasteOff   = "\x1b[?2004l"
	eraseRow   = "\x1b[K"
	eraseBelow = "\x1b7\x1b[B\x1b[J\x1b8"
)

// resize sets the size of the terminal. If the terminal rewraps, the cursor is on another row; if not, or if that is unknown,
// too few rows are erased rather than too many.
func (s *screen) resize(width, height int) {
	if s.drawn.on && width != s.width {
		row := rewrappedRow(s.drawn.cells, s.drawn.cursor, width)
		if s.noReflow {
			row = min(row, s.drawn.row)
		}
		s.drawn.row, s.drawn.multiRow = row, true
	}
	s.width, s.height = width, height
}

// erase erases the last view; the cursor is then at the beginning of the row after the transcript. It never erases the display
// from the home position, since tmux would save the erased text; and it returns by restoring the cursor, since on the last row
// the cursor cannot move down.
func (s *screen) erase(out []byte) []byte {
	if !s.drawn.on {
		return out
	}
	out = append(out, '\r')
	out = up(out, min(s.drawn.row, s.height-1))
	out = append(out, eraseRow...)
	if s.drawn.multiRow {
		out = append(out, eraseBelow...)
	}
	s.drawn = drawn{}
	return out
}

// scroll scrolls the content of the screen into the scrollback. Nothing is erased.
func (s *screen) scroll(out []byte) []byte {
	for range s.height - 1 {
		out = append(out, '\n')
	}
	return up(out, s.height-1)
}

// printed appends text; the terminal is raw, so a line ends with CR LF.
func printed(out, p []byte) []byte {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			return append(out, p...)
		}
		out = append(append(out, p[:i]...), "\r\n"...)
		p = p[i+1:]
	}
	return out
}

// draw draws a view. If it is taller than the screen, only the rows around the cursor are drawn.
func (s *screen) draw(out []byte, v view) []byte {
	l := layOut(v, s.width)
	room := max(1, s.height-1)
	below := v.below[:min(len(v.below), room-1, max(room-l.rows(), room/2, 1))]
	top, bottom := window(l, room-len(below))
	first, last := cellsOf(l, top, bottom)
	out = emit(out, l.cells[first:last], "\r\n")
	if l.full && bottom == l.rows() && bottom-1 > top {
		out = append(out, " \r"+eraseRow...) // the space makes the terminal wrap the full row
	}
	for _, row := range below {
		out = append(out, "\r\n"...)
		out = emitPieces(out, row, s.width-1)
	}
	under := bottom - 1 - l.at.row + len(below)
	if under > 0 || l.cursor < len(l.cells) {
		out = s.moveTo(out, l, under)
	}
	s.drawn = drawn{on: true, cells: l.cells[first:last], cursor: l.cursor - first, row: l.at.row - top, multiRow: bottom-top+len(below) > 1}
	return out
}

// moveTo moves the cursor up from the last row to its position. If the width of characters before it is ambiguous, the row is
// printed again up to that position.
func (s *screen) moveTo(out []byte, l layout, under int) []byte {
	out = append(out, '\r')
	out = up(out, under)
	if before := rowBefore(l); slices.ContainsFunc(before, func(c cell) bool { return c.ambiguous }) {
		return emit(out, before, "")
	}
	if l.at.col == 0 {
		return out
	}
	return append(strconv.AppendInt(append(out, "\x1b["...), int64(l.at.col), 10), 'C')
}

// window returns the rows of a layout to show if there is room for some only: those around the cursor.
func window(l layout, room int) (top, bottom int) {
	room = max(1, room)
	if l.rows() <= room {
		return 0, l.rows()
	}
	top = min(max(0, l.at.row-room/2), l.rows()-room)
	return top, top + room
}

// cellsOf returns the cells on the rows from top up to bottom.
func cellsOf(l layout, top, bottom int) (first, last int) {
	for first < len(l.cells) && l.cells[first].row < top {
		first++
	}
	last = first
	for last < len(l.cells) && l.cells[last].row < bottom {
		last++
	}
	if bottom < l.rows() && last > first && l.cells[last-1].newline {
		last-- // the end of the last visible row is not drawn
	}
	return first, last
}

// rowBefore returns the cells on the cursor's row before it.
func rowBefore(l layout) []cell {
	first, end := l.cursor, l.cursor
	for first > 0 && l.cells[first-1].row == l.at.row && !l.cells[first-1].newline {
		first--
		if l.cells[first].col >= l.at.col {
			end = first
		}
	}
	return l.cells[first:end]
}

// emit writes cells. Full rows wrap by themselves; newline ends the others.
func emit(out []byte, cells []cell, newline string) []byte {
	var style Style
	for i, c := range cells {
		out = appendStyle(out, style, c.style)
		style = c.style
		if c.newline || c.breaks && i > 0 {
			out = append(out, newline...)
		}
		out = append(out, c.text...)
	}
	return appendStyle(out, style, "")
}

// emitPieces writes a row that does not belong to the line, cut to a width.
func emitPieces(out []byte, row []piece, width int) []byte {
	for _, p := range row {
		out = appendStyle(out, "", p.style)
		for cluster := range clustersOf([]rune(p.text)) {
			part, w := shown(cluster)
			if width -= w; width < 0 {
				break
			}
			out = append(out, part...)
		}
		out = appendStyle(out, p.style, "")
	}
	return out
}

func up(out []byte, n int) []byte {
	if n <= 0 {
		return out
	}
	return append(strconv.AppendInt(append(out, "\x1b["...), int64(n), 10), 'A')
}
