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
	d := document{sections: []pageSection{{title: "Beginning"}}}
	inFence := false
	for line := range strings.Lines(string(content)) {
		section := &d.sections[len(d.sections)-1]
		match := fence.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case match != nil && !inFence:
			section.blocks = append(section.blocks, fenced{kind: match[1]})
			inFence = true
		case match != nil:
			inFence = false
		case inFence:
			section.blocks[len(section.blocks)-1].text += line
		default:
			d.readProse(strings.TrimSpace(line))
		}
	}
	d.sections = slices.DeleteFunc(d.sections, func(c pageSection) bool { return len(c.blocks) == 0 })
	return d
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
