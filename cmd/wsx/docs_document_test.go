//go:build linux || darwin

package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document has the commands of a page.
type document struct {
	sections []pageSection // with commands
	rows     []comparison  // rows of tables whose last column is a wsx command
}

type pageSection struct {
	title  string
	blocks []fenced
}

// fenced is a fenced code block.
type fenced struct {
	kind string // info string of the fence
	text string
}

// comparison is a command line of another program, and that of wsx.
type comparison struct{ before, after string }

// wsxLines returns the lines of wsx: also that of wscat, with its name replaced.
func (c comparison) wsxLines() []string {
	lines := []string{c.after}
	if flags, unchanged := strings.CutPrefix(c.before, "wscat "); unchanged {
		lines = append(lines, "wsx "+flags)
	}
	return lines
}

var (
	heading       = regexp.MustCompile(`^##+ (.*)`)
	fence         = regexp.MustCompile("^```(.*)")
	comparisonRow = regexp.MustCompile("^\\| `(.*)` \\| `(.*\\bwsx .*)` \\|$")
)

func readDocument(t *testing.T, name string) document {
	t.Helper()
	content, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	p := document{sections: []pageSection{{title: "Beginning"}}}
	within := false
	for line := range strings.Lines(string(content)) {
		now := &p.sections[len(p.sections)-1]
		mark := fence.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case mark != nil && !within:
			now.blocks = append(now.blocks, fenced{kind: mark[1]})
			within = true
		case mark != nil:
			within = false
		case within:
			now.blocks[len(now.blocks)-1].text += line
		default:
			p.readProse(strings.TrimSpace(line))
		}
	}
	p.sections = slices.DeleteFunc(p.sections, func(c pageSection) bool { return len(c.blocks) == 0 })
	return p
}

// readProse reads a line outside of code blocks.
func (p *document) readProse(line string) {
	if title := heading.FindStringSubmatch(line); title != nil {
		p.sections = append(p.sections, pageSection{title: title[1]})
	}
	if cells := comparisonRow.FindStringSubmatch(line); cells != nil {
		p.rows = append(p.rows, comparison{unescape(cells[1]), unescape(cells[2])})
	}
}

// unescape returns the text of a table cell.
func unescape(cell string) string { return strings.ReplaceAll(cell, `\|`, "|") }
