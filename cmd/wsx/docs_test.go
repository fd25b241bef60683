//go:build linux || darwin

package main

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestDocs runs every command of the pages: the blocks of a section one after the other, in a folder of their own. A block marked "sh
// server" keeps running, as in another terminal; a block marked "text" is the output of the commands above it.
func TestDocs(t *testing.T) {
	t.Parallel()
	servers := startDocsServers(t)
	runParallel(t, func(start func(func())) {
		for _, page := range []string{"README.md", "CONTRIBUTING.md", "docs/scripting.md", "docs/exit-codes.md", "docs/serve.md", "docs/cookbook.md", "docs/check.md", "docs/formats.md", "docs/dialects.md", "docs/bench.md", "docs/sessions.md", "docs/mcp.md"} {
			sections := readDocument(t, page).sections
			if len(sections) == 0 {
				t.Errorf("%s has no commands", page)
			}
			for _, c := range sections {
				start(func() {
					t.Run(page+"/"+c.title, func(t *testing.T) {
						if testing.Short() && page != "README.md" {
							t.Skip("the other pages take a minute")
						}
						newDocsShell(t, servers).runSection(c)
					})
				})
			}
		}
	})
}

// TestComingFrom runs the wsx command of each row in the tables, and the wscat commands that run unchanged.
func TestComingFrom(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it runs every line of the tables")
	}
	servers := startDocsServers(t)
	rows := readDocument(t, "docs/coming-from.md").rows
	if len(rows) < 20 {
		t.Errorf("docs/coming-from.md has %d rows with commands only", len(rows))
	}
	runParallel(t, func(start func(func())) {
		for _, row := range rows {
			for _, line := range row.wsxLines() {
				start(func() {
					t.Run(row.before+"/"+line, func(t *testing.T) { newDocsShell(t, servers).addFiles().runLine(line) })
				})
			}
		}
	})
}

// runParallel runs tests concurrently, more than there are processors, since they mostly wait.
func runParallel(t *testing.T, each func(start func(func()))) {
	t.Helper()
	var running sync.WaitGroup
	slots := make(chan struct{}, 8)
	each(func(test func()) {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			test()
		})
	})
	running.Wait()
}

// runSection runs the blocks of a section.
func (d *docsShell) runSection(c pageSection) {
	d.t.Helper()
	d.skipMissing(c)
	printed := ""
	for _, b := range c.blocks {
		switch b.kind {
		case "sh":
			printed = d.run(b.text)
		case "sh server":
			d.serve(b.text)
		case "json":
			if !json.Valid([]byte(b.text)) {
				d.t.Errorf("not JSON: %s", b.text)
			}
		case "text":
			if printed != b.text {
				d.t.Errorf("printed %q, the page has %q", printed, b.text)
			}
		default:
			d.t.Errorf("unknown kind of block %q\n%s", b.kind, b.text)
		}
	}
}

// runLine runs one line with a message on standard input, and fails without output; a server is sent the message instead.
func (d *docsShell) runLine(line string) {
	d.t.Helper()
	command := "echo hello | " + line
	switch {
	case strings.HasPrefix(line, "wsx serve"), strings.Contains(line, " -l "):
		d.serve(strings.ReplaceAll(command, "8080", "9000"))
		command = "wsx -x hello -1 ws://localhost:9000"
		if strings.HasPrefix(line, "wsx serve broadcast") { // the sender receives nothing: another client must
			command = "wsx -1 ws://localhost:9000 </dev/null & other=$!\n" +
				"while kill -0 $other 2>/dev/null; do wsx -x hello -w 0 ws://localhost:9000 >/dev/null; done"
		}
	case strings.HasPrefix(line, "printf "):
		command = line
	case strings.HasSuffix(line, " <sent >received"):
		command = line + "\ncmp sent received && echo the same"
	}
	if d.run(command) == "" {
		d.t.Errorf("%s: no output", command)
	}
}

// wantInCI fails the test unless .ci/run has these words.
func wantInCI(t *testing.T, words ...string) {
	t.Helper()
	script, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range words {
		if !strings.Contains(string(script), word) {
			t.Errorf(".ci/run does not have %q", word)
		}
	}
}
