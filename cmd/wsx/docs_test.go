//go:build linux || darwin

package main

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestDocs runs every command that a page tells people to copy: the blocks of a section one after the other, in a
// folder of their own. A block marked "sh server" is left running, as if in another terminal; a block marked "text" is
// what the commands above it print.
func TestDocs(t *testing.T) {
	t.Parallel()
	town := newTown(t)
	atOnce(t, func(start func(func())) {
		for _, page := range []string{"README.md", "CONTRIBUTING.md", "docs/scripting.md", "docs/exit-codes.md", "docs/serve.md", "docs/cookbook.md", "docs/check.md", "docs/formats.md", "docs/dialects.md", "docs/bench.md", "docs/sessions.md", "docs/mcp.md"} {
			chapters := readDocument(t, page).chapters
			if len(chapters) == 0 {
				t.Errorf("%s has no commands", page)
			}
			for _, c := range chapters {
				start(func() {
					t.Run(page+"/"+c.title, func(t *testing.T) {
						if testing.Short() && c.mentions("--find") {
							t.Skip("a search takes 5 s for each step")
						}
						newDesk(t, town).follow(c)
					})
				})
			}
		}
	})
}

// TestComingFrom runs our side of each line in the tables, and what is said to run unchanged.
func TestComingFrom(t *testing.T) {
	t.Parallel()
	town := newTown(t)
	rows := readDocument(t, "docs/coming-from.md").rows
	if len(rows) < 20 {
		t.Errorf("docs/coming-from.md has %d rows with commands only", len(rows))
	}
	atOnce(t, func(start func(func())) {
		for _, row := range rows {
			for _, line := range row.ours() {
				start(func() {
					t.Run(row.before+"/"+line, func(t *testing.T) { newDesk(t, town).furnish().try(line) })
				})
			}
		}
	})
}

// atOnce runs tests side by side, more than there are processors: most of the time they wait for silence.
func atOnce(t *testing.T, each func(start func(func()))) {
	t.Helper()
	var running sync.WaitGroup
	seats := make(chan struct{}, 8)
	each(func(test func()) {
		running.Go(func() {
			seats <- struct{}{}
			defer func() { <-seats }()
			test()
		})
	})
	running.Wait()
}

// follow does what a section says.
func (d *desk) follow(c chapter) {
	d.t.Helper()
	d.needs(c)
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
				d.t.Errorf("printed %q, the page says %q", printed, b.text)
			}
		default:
			d.t.Errorf("what is a block of %q?\n%s", b.kind, b.text)
		}
	}
}

// try runs one line with something to say, and wants an answer; a server is asked something instead.
func (d *desk) try(line string) {
	d.t.Helper()
	ask := "echo hello | " + line
	switch {
	case strings.HasPrefix(line, "wsx serve"), strings.Contains(line, " -l "):
		d.serve(strings.ReplaceAll(ask, "8080", "9000"))
		ask = "wsx -x hello -1 ws://localhost:9000"
		if strings.HasPrefix(line, "wsx serve broadcast") { // the sender gets nothing: another has to be there
			ask = "wsx -1 ws://localhost:9000 </dev/null & other=$!\n" +
				"while kill -0 $other 2>/dev/null; do wsx -x hello -w 0 ws://localhost:9000 >/dev/null; done"
		}
	case strings.HasPrefix(line, "printf "):
		ask = line
	case strings.HasSuffix(line, " <sent >received"):
		ask = line + "\ncmp sent received && echo the same"
	}
	if d.run(ask) == "" {
		d.t.Errorf("%s: nothing came back", ask)
	}
}

// wantInCI wants .ci/run to call a command.
func wantInCI(t *testing.T, words ...string) {
	t.Helper()
	script, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range words {
		if !strings.Contains(string(script), word) {
			t.Errorf(".ci/run does not say %q", word)
		}
	}
}
