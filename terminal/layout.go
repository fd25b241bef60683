package terminal

// view is what stands below the transcript: the prompt, the line, and rows under it.
type view struct {
	prompt   string // before the first row of the line, plain text
	more     string // before its other rows
	text     []rune
	pos      int
	spans    []span // how parts of the line look
	label    func(rune) string
	below    [][]piece
	colors   Colors
	hideText bool // a secret is typed
}

// span is the style of the runes of the line from index from up to to.
type span struct {
	from, to int
	style    Style
}

// piece is text that looks one way.
type piece struct {
	text  string
	style Style
}

// cell is one character as it is drawn, and where.
type cell struct {
	text      string
	width     int
	row, col  int
	style     Style
	newline   bool // the row ends here on purpose
	ambiguous bool // terminals do not agree on its width
}

// layout is a view on rows of a width. The terminal itself wraps the rows, so that it can wrap them anew.
type layout struct {
	cells     []cell
	width     int
	row       int // where the next cell goes
	col       int
	cursor    int // the cell before which the cursor stands; len(cells) = behind the last
	at        place
	full      bool // the last row is exactly full: the cursor behind it needs a row of its own
	ambiguous bool // some cell is
}

// place is a position on the screen, relative to the first row of the view.
type place struct{ row, col int }

// layOut lays a view out.
func layOut(v view, width int) layout {
	l := layout{width: max(width, 2)}
	l.cells = make([]cell, 0, len(v.prompt)+len(v.text)+8)
	l.words(v.prompt, v.colors.Prompt)
	for i := 0; i < len(v.text) && !v.hideText; {
		if i == v.pos {
			l.cursor = len(l.cells)
		}
		end := clusterEnd(v.text, i)
		l.cluster(v, i, end)
		i = end
	}
	if v.pos >= len(v.text) || v.hideText {
		l.cursor = len(l.cells)
	}
	l.placeCursor()
	return l
}

// cluster places the runes from i up to end.
func (l *layout) cluster(v view, i, end int) {
	r := v.text[i]
	style := styleAt(v.spans, i)
	switch {
	case r == '\n':
		l.cells = append(l.cells, cell{row: l.row, col: l.endCol(), newline: true})
		l.row, l.col = l.row+1, 0
		l.words(v.more, v.colors.Prompt)
	case r >= foldBase:
		l.words(v.label(r), v.colors.Fold)
	default:
		text, width := shown(v.text[i:end])
		if len(text) == width { // ASCII: controls spelled out may be wrapped
			l.narrow(text, style)
			return
		}
		l.place(cell{text: text, width: width, style: style, ambiguous: ambiguous(v.text[i:end])})
	}
}

// endCol is the column of the end of a row: behind its last character, or that one's own when the row is full.
func (l *layout) endCol() int {
	if l.col < l.width {
		return l.col
	}
	return l.cells[len(l.cells)-1].col
}

// words places text that was not typed: a prompt, a label.
func (l *layout) words(s string, style Style) {
	text := []rune(s)
	for i := 0; i < len(text); {
		end := clusterEnd(text, i)
		part, width := shown(text[i:end])
		if len(part) == width {
			l.narrow(part, style)
		} else {
			l.place(cell{text: part, width: width, style: style, ambiguous: ambiguous(text[i:end])})
		}
		i = end
	}
}

// narrow places ASCII, a column a byte.
func (l *layout) narrow(s string, style Style) {
	for i := range len(s) {
		l.place(cell{text: s[i : i+1], width: 1, style: style})
	}
}

// place puts a cell behind the last one, in the next row when it does not fit.
func (l *layout) place(c cell) {
	if l.col+c.width > l.width {
		l.row, l.col = l.row+1, 0
	}
	c.row, c.col = l.row, l.col
	l.col += c.width
	l.ambiguous = l.ambiguous || c.ambiguous
	l.cells = append(l.cells, c)
}

// placeCursor finds the cursor.
func (l *layout) placeCursor() {
	if l.col == l.width {
		l.full = true
		l.row, l.col = l.row+1, 0
	}
	l.at = place{l.row, l.col}
	if l.cursor < len(l.cells) {
		l.at = place{l.cells[l.cursor].row, l.cells[l.cursor].col}
	}
}

// rows is how many there are.
func (l *layout) rows() int { return l.row + 1 }

// rewrappedRow returns the row of the cursor after the terminal has wrapped these cells anew at another width.
// Behind a row that is exactly full it is on that row: to erase too little is better than too much.
func rewrappedRow(cells []cell, cursor, width int) int {
	l := layout{width: max(width, 2)}
	for i, c := range cells {
		if i == cursor && !c.newline && l.col+c.width > l.width {
			return l.row + 1
		}
		if i == cursor {
			return l.row
		}
		if c.newline {
			l.row, l.col = l.row+1, 0
			continue
		}
		l.place(c)
	}
	return l.row
}

// styleAt is the look of a rune; a later span covers an earlier one.
func styleAt(spans []span, i int) (s Style) {
	for _, span := range spans {
		if i >= span.from && i < span.to {
			s = span.style
		}
	}
	return s
}
