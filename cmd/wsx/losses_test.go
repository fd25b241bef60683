//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wsx/server"
	"wsx/server/servertest"
)

// TestStorm pipes lines through a way that cuts, freezes and slows connections: each arrives once and in order, or is named in
// doubt, on standard error and as an event; with --resend each arrives. WSX_STORM=1 cuts 200 times in a million lines.
func TestStorm(t *testing.T) {
	lines, cuts := 20_000, 10
	if os.Getenv("WSX_STORM") != "" {
		lines, cuts = 1_000_000, 200
	}
	for _, args := range []string{"--http1.1", "--http1.1 --resend", "--http2", "--http2 --resend"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			ledger := &servertest.Ledger{}
			counts, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0", HTTP2: true, Handler: ledger})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { counts.Shutdown(context.Background()) })
			storm := servertest.StartStorm(t, counts.Addr().String(), cuts, lines*servertest.LineSize*3/2/cuts)
			p := start(t, append(strings.Fields(args), "--reconnect", "--reconnect-max", "2ms", "--ping-interval", "50ms", "--ping-timeout", "500ms",
				"--connect-timeout", "1m", "--close-timeout", "1m", "-w", "0", "--json", "--only", "control", "ws://"+storm.Addr())...)
			said := make(chan int, 1)
			go func() { said <- sayLines(p, lines, storm, cuts) }() // ended by the last line
			told := hearDoubts(t, p)
			if len(told) > 0 {
				p.endWith(exitLost)
			} else {
				p.end()
			}
			judgeStorm(t, ledger, <-said, told, strings.Contains(args, "--resend"))
			if named := namedDoubts(t, p.stderr.String()); fmt.Sprint(named) != fmt.Sprint(told) {
				t.Errorf("in doubt on standard error: %v, as events: %v", named, told)
			}
			t.Logf("%d cuts, %d connections", storm.Cuts(), ledger.Conns())
		})
	}
}

// sayLines says so many lines or more, until there were enough cuts.
func sayLines(p *process, lines int, storm *servertest.Storm, cuts int) (said int) {
	out := bufio.NewWriter(p.stdin)
	defer p.stdin.Close()
	for said < lines || storm.Cuts() < cuts {
		said++
		if _, err := out.Write(append(servertest.AppendLine(nil, said), '\n')); err != nil {
			return said
		}
	}
	out.Flush()
	return said
}

// doubt is a range of lines.
type doubt struct{ First, Last, Count int }

// hearDoubts reads the events.
func hearDoubts(t *testing.T, p *process) (all []doubt) {
	t.Helper()
	events := bufio.NewScanner(p.stdout)
	for events.Scan() {
		var e struct {
			Event string
			doubt
		}
		if err := json.Unmarshal(events.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Event == "doubt" {
			all = append(all, e.doubt)
		}
	}
	return all
}

var inDoubt = regexp.MustCompile(`(?m)^\* lines? (\d+)(?: to (\d+) \((\d+) messages\))? (?:was|were) written and may not have arrived$`)

// namedDoubts reads what people are told.
func namedDoubts(t *testing.T, text string) (all []doubt) {
	t.Helper()
	for _, match := range inDoubt.FindAllStringSubmatch(text, -1) {
		d := doubt{Count: 1}
		d.First, _ = strconv.Atoi(match[1])
		d.Last = d.First
		if match[2] != "" {
			d.Last, _ = strconv.Atoi(match[2])
			d.Count, _ = strconv.Atoi(match[3])
		}
		all = append(all, d)
	}
	return all
}

func judgeStorm(t *testing.T, ledger *servertest.Ledger, said int, told []doubt, resend bool) {
	t.Helper()
	if resend {
		again, err := ledger.AtLeastOnce(said)
		if err != nil || len(told) > 0 {
			t.Errorf("%v; in doubt: %v", err, told)
		}
		t.Logf("%d lines said, %d came again", said, again)
		return
	}
	doubtful := map[int]bool{}
	for _, d := range told {
		if d.Count != d.Last-d.First+1 {
			t.Errorf("doubt %+v", d)
		}
		for line := d.First; line <= d.Last; line++ {
			doubtful[line] = true
		}
	}
	missing, err := ledger.AtMostOnce(said, doubtful)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d lines said, %d in doubt, %d of them did not come", said, len(doubtful), missing)
}
