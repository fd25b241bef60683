package terminal

// view is everything below the transcript: the prompt, the line, and rows below it.
type view struct {
	prompt     string // before the first row of the line, plain text
	more       string // before its other rows
	text       []rune
	pos        int
	spans      []span // styles of parts of the line
	suggestion string // shown after the line, as far as it fits into the row
	label      func(rune) string
	below      [][]piece
	colors     Colors
	unbroken   bool // do not wrap rows at words: the view becomes a line of the transcript, to be copied unchanged
}

// span is the style of the runes of the line from index from up to to.
type span struct {
	from, to int
	style    Style
}

// piece is text in one style.
type piece struct {
	text  string
	style Style
}

// cell is one character as it is drawn, and its position.
type cell struct {
	text      string
	width     int
	row, col  int
	style     Style
	newline   bool // the line has a newline here: the row ends
	breaks    bool // a row begins here, since the word would not have fitted into the row before
	typed     bool // it belongs to the line, so that a row may be broken at it
	ambiguous bool // terminals do not agree on its width
}

// layout is a view on rows of a width. Rows are wrapped at words if possible; other rows are wrapped by the terminal itself, so
// that it can rewrap them.
type layout struct {
	cells  []cell
	width  int
	row    int // where the next cell goes
	col    int
	cursor int // the cell before which the cursor stands; len(cells) = after the last
	at     place
	full   bool // the last row is exactly full: the cursor after it needs a row of its own
}

// place is a position on the screen, relative to the first row of the view.
type place struct{ row, col int }

// layOut returns the layout of a view.
func layOut(v view, width int) layout {
	l := layout{width: max(width, 2)}
	l.cells = make([]cell, 0, len(v.prompt)+len(v.text)+8)
	l.words(v.prompt, cell{style: v.colors.Prompt})
	styles := stylesOf(v.spans, len(v.text))
	for i := 0; i < len(v.text); {
		if i == v.pos {
			l.cursor = len(l.cells)
		}
		end := clusterEnd(v.text, i)
		l.cluster(v, i, end, styles[i])
		i = end
	}
	if v.pos >= len(v.text) {
		l.cursor = len(l.cells)
	}
	l.wrap(!v.unbroken)
	l.suggest(v)
	l.placeCursor()
	return l
}

// cluster appends the runes from i up to end.
func (l *layout) cluster(v view, i, end int, style Style) {
	r := v.text[i]
	switch {
	case r == '\n':
		l.cells = append(l.cells, cell{newline: true})
		l.words(v.more, cell{style: v.colors.Prompt})
	case isFold(r):
		l.words(v.label(r), cell{style: v.colors.Fold, typed: true})
	default:
		l.add(v.text[i:end], cell{style: style, typed: true})
	}
}

// words appends text that is not part of the line: a prompt or a label.
func (l *layout) words(s string, c cell) {
	for cluster := range clustersOf([]rune(s)) {
		l.add(cluster, c)
	}
}

// add appends the cells of a cluster, with the style of c. ASCII has one cell for each byte, so that escaped control characters
// can be wrapped.
func (l *layout) add(cluster []rune, c cell) {
	text, width := shown(cluster)
	if len(text) != width {
		c.text, c.width, c.ambiguous = text, width, ambiguous(cluster)
		l.cells = append(l.cells, c)
		return
	}
	for i := range len(text) {
		c.text, c.width = text[i:i+1], 1
		l.cells = append(l.cells, c)
	}
}

// wrap places the cells on rows, wrapped at words if atWords is set and words fit.
func (l *layout) wrap(atWords bool) {
	for i := range l.cells {
		c := &l.cells[i]
		if c.newline {
			c.row, c.col = l.row, l.endCol(i)
			l.row, l.col = l.row+1, 0
			continue
		}
		c.breaks = atWords && l.beginsWord(i) && l.col < l.width && !l.fits(i)
		if c.breaks {
			l.row, l.col = l.row+1, 0
		}
		l.place(c)
	}
}

// beginsWord reports whether a word of the line begins at a cell, after a space.
func (l *layout) beginsWord(i int) bool {
	return i > 0 && l.cells[i].typed && l.cells[i].text != " " && l.cells[i-1].typed && l.cells[i-1].text == " "
}

// fits reports whether the word that begins at a cell fits into the row, or is too long for any row. The last column is kept
// for the space after the word: if a row is exactly full, terminals differ in where a resize puts the cursor.
func (l *layout) fits(i int) bool {
	room, width := l.width-l.col, 0
	for ; i < len(l.cells) && l.cells[i].typed && l.cells[i].text != " "; i++ {
		if width += l.cells[i].width; width >= l.width {
			return true
		}
	}
	return width < room
}

// endCol returns the column of the end of a row: after its last character, or that of the character if the row is full.
func (l *layout) endCol(i int) int {
	if l.col < l.width {
		return l.col
	}
	return l.cells[i-1].col
}

// place places a cell after the last one, in the next row if it does not fit.
func (l *layout) place(c *cell) {
	if l.col+c.width > l.width {
		l.row, l.col = l.row+1, 0
	}
	c.row, c.col = l.row, l.col
	l.col += c.width
}

// suggest appends as much of the suggestion as fits into the row of the cursor, which is at the end of the line.
func (l *layout) suggest(v view) {
	if v.suggestion == "" {
		return
	}
	from := len(l.cells)
	l.words(v.suggestion, cell{style: v.colors.Suggestion})
	for i := from; i < len(l.cells); i++ {
		used := l.col % l.width // after a full row the next one begins
		if used+l.cells[i].width >= l.width {
			l.cells = l.cells[:i]
			return
		}
		l.place(&l.cells[i])
	}
}

// placeCursor sets the position of the cursor.
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

// rows returns the number of rows.
func (l *layout) rows() int { return l.row + 1 }

// rewrappedRow returns the row of the cursor after the terminal has rewrapped the cells at another width. After a row that is
// exactly full it is on that row: erasing too little is better than too much.
func rewrappedRow(cells []cell, cursor, width int) int {
	l := layout{width: max(width, 2)}
	for i, c := range cells {
		if c.breaks && i > 0 {
			l.row, l.col = l.row+1, 0
		}
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
		l.place(&c)
	}
	return l.row
}

// stylesOf returns the style of each of n runes; a later span covers an earlier one.
func stylesOf(spans []span, n int) []Style {
	styles := make([]Style, n)
	for _, s := range spans {
		for i := max(0, s.from); i < min(s.to, n); i++ {
			styles[i] = s.style
		}
	}
	return styles
}
