//go:build linux || darwin

package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document is what is for copying on a page.
type document struct {
	chapters []chapter    // those with commands
	rows     []comparison // of tables whose last column is a command of ours
}

type chapter struct {
	title  string
	blocks []fenced
}

// mentions reports whether a command of it has a flag.
func (c chapter) mentions(flag string) bool {
	return slices.ContainsFunc(c.blocks, func(b fenced) bool { return strings.Contains(b.text, flag) })
}

// fenced is what stands between two fences.
type fenced struct {
	kind string // as the opening fence says
	text string
}

// comparison is a command line of another program, and ours.
type comparison struct{ before, after string }

// ours are the lines of ours in it: a line of wscat is one.
func (c comparison) ours() []string {
	lines := []string{c.after}
	if flags, unchanged := strings.CutPrefix(c.before, "wscat "); unchanged {
		lines = append(lines, "wsx "+flags)
	}
	return lines
}

var (
	heading  = regexp.MustCompile(`^##+ (.*)`)
	fence    = regexp.MustCompile("^```(.*)")
	compared = regexp.MustCompile("^\\| `(.*)` \\| `(.*\\bwsx .*)` \\|$")
)

func readDocument(t *testing.T, name string) document {
	t.Helper()
	content, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	p := document{chapters: []chapter{{title: "Beginning"}}}
	within := false
	for line := range strings.Lines(string(content)) {
		now := &p.chapters[len(p.chapters)-1]
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
	p.chapters = slices.DeleteFunc(p.chapters, func(c chapter) bool { return len(c.blocks) == 0 })
	return p
}

// readProse takes a line outside of blocks.
func (p *document) readProse(line string) {
	if title := heading.FindStringSubmatch(line); title != nil {
		p.chapters = append(p.chapters, chapter{title: title[1]})
	}
	if cells := compared.FindStringSubmatch(line); cells != nil {
		p.rows = append(p.rows, comparison{unescape(cells[1]), unescape(cells[2])})
	}
}

// unescape is a text as it was before it stood in a table.
func unescape(cell string) string { return strings.ReplaceAll(cell, `\|`, "|") }
