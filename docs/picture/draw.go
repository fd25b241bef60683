//go:build linux || darwin

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/hinshun/vt10x"
)

// All in pixels of the picture.
const (
	baseline   = 14 // below the upper edge of a cell
	cellWidth  = 8.4
	cellHeight = 20
	margin     = 20
	bar        = 40 // the window's title bar
)

// bold and grey are what vt10x reports of a bold cell, and of one in the colour that stands in for faint.
const (
	bold = 1 << 2
	grey = vt10x.DarkGrey
)

// style is the window, and the colours: those of the terminal are named like SGR's.
const style = `
  .window { fill: #0d1117; stroke: #30363d }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; fill: #e6edf3; white-space: pre }
  .title { font-family: system-ui, sans-serif; font-size: 13px; fill: #8b949e; text-anchor: middle }
  .bold { font-weight: 600 }
  .red { fill: #ff7b72 } .green { fill: #7ee787 } .yellow { fill: #e3b341 } .blue { fill: #79c0ff }
  .magenta { fill: #d2a8ff } .cyan { fill: #56d4dd } .grey { fill: #8b949e }
  .cursor { fill: #e6edf3 }
`

// colours are the names of those that the program uses, bold ones as vt10x brightens them.
var colours = map[vt10x.Color]string{
	vt10x.Red: "red", vt10x.Green: "green", vt10x.Yellow: "yellow", vt10x.Blue: "blue", vt10x.Magenta: "magenta", vt10x.Cyan: "cyan",
	vt10x.LightRed: "red", vt10x.LightGreen: "green", vt10x.LightYellow: "yellow", vt10x.LightBlue: "blue",
	vt10x.LightMagenta: "magenta", vt10x.LightCyan: "cyan", grey: "grey",
}

// show is the screen after all that was written. vt10x does not know faint, which most terminals draw as grey.
func show(written []byte) vt10x.Terminal {
	screen := vt10x.New(vt10x.WithSize(columns, rows))
	written = bytes.ReplaceAll(written, []byte("\x1b[2m"), []byte("\x1b[90m"))
	written = bytes.ReplaceAll(written, []byte("\x1b[22m"), []byte("\x1b[39m"))
	screen.Write(written)
	return screen
}

// render is the screen as an SVG, down to the cursor.
func render(screen vt10x.Terminal, title string) []byte {
	cursor := screen.Cursor()
	width, height := 2*margin+int(columns*cellWidth), bar+(cursor.Y+1)*cellHeight+margin
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img">`+"\n", width, height)
	fmt.Fprintf(&svg, "<title>%s</title>\n<style>%s</style>\n", title, style)
	fmt.Fprintf(&svg, `<rect class="window" x="0.5" y="0.5" width="%d" height="%d" rx="10"/>`+"\n", width-1, height-1)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&svg, `<circle cx="%d" cy="20" r="6" fill="%s"/>`+"\n", margin+4+20*i, colour)
	}
	fmt.Fprintf(&svg, `<text class="title" x="%d" y="25">wsx</text>`+"\n", width/2)
	for y := range cursor.Y + 1 {
		for _, run := range runs(screen, y) {
			run.draw(&svg, y)
		}
	}
	fmt.Fprintf(&svg, `<rect class="cursor" x="%.1f" y="%d" width="%.1f" height="%d"/>`+"\n", left(cursor.X), bar+cursor.Y*cellHeight+1, cellWidth, cellHeight-3)
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}

func left(column int) float64 { return margin + float64(column)*cellWidth }

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// run is neighbouring characters of one style, without blanks around them.
type run struct {
	column int
	text   string
	class  string
}

// runs are those of a row.
func runs(screen vt10x.Terminal, y int) []run {
	var found []run
	for x := range columns {
		cell := screen.Cell(x, y)
		class := classOf(cell)
		if last := len(found) - 1; last >= 0 && found[last].class == class {
			found[last].text += string(cell.Char)
			continue
		}
		found = append(found, run{column: x, text: string(cell.Char), class: class})
	}
	return found
}

func classOf(cell vt10x.Glyph) string {
	class := colours[cell.FG]
	if cell.Mode&bold != 0 {
		class += " bold"
	}
	return strings.TrimSpace(class)
}

// draw has every character in its column, whatever font is at hand.
func (r run) draw(svg *bytes.Buffer, y int) {
	text := strings.TrimLeft(r.text, " ")
	column := r.column + len(r.text) - len(text) // blanks are a byte each
	text = strings.TrimRight(text, " ")
	if text == "" {
		return
	}
	class := ""
	if r.class != "" {
		class = fmt.Sprintf(` class="%s"`, r.class)
	}
	length := float64(len([]rune(text))) * cellWidth
	fmt.Fprintf(svg, `<text%s x="%.1f" y="%d" textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
		class, left(column), bar+y*cellHeight+baseline, length, escape.Replace(text))
}
