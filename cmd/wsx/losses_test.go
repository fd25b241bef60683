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

// TestLossyProxy pipes lines through a proxy that cuts, freezes and slows connections: each arrives once and in order, or is reported as
// unconfirmed, on standard error and as an event; with --resend each arrives. WSX_LOSSES=1 cuts 200 times in a million lines.
func TestLossyProxy(t *testing.T) {
	t.Parallel()
	lines, cuts := 20_000, 10
	if os.Getenv("WSX_LOSSES") != "" {
		lines, cuts = 1_000_000, 200
	}
	for _, args := range []string{"--http1.1", "--http1.1 --resend", "--http2", "--http2 --resend"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			recorder := &servertest.LineRecorder{}
			lineServer, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0", HTTP2: true, Handler: recorder})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { lineServer.Shutdown(context.Background()) })
			proxy := servertest.StartLossyProxy(t, lineServer.Addr().String(), cuts, lines*servertest.LineSize*3/2/cuts)
			p := start(t, append(strings.Fields(args), "--reconnect", "--reconnect-max", "2ms", "--ping-interval", "50ms", "--ping-timeout", "500ms",
				"--connect-timeout", "1m", "--close-timeout", "1m", "-w", "0", "--json", "--only", "control", "ws://"+proxy.Addr())...)
			sent := make(chan int, 1)
			go func() { sent <- sendLines(p, lines, proxy, cuts) }() // ended by the last line
			reported := readUnconfirmed(t, p)
			if len(reported) > 0 {
				p.wantExit(exitLost)
			} else {
				p.wantSuccess()
			}
			checkRecorder(t, recorder, <-sent, reported, strings.Contains(args, "--resend"))
			if named := namedUnconfirmed(t, p.stderr.String()); fmt.Sprint(named) != fmt.Sprint(reported) {
				t.Errorf("unconfirmed on standard error: %v, as events: %v", named, reported)
			}
			t.Logf("%d cuts, %d connections", proxy.Cuts(), recorder.Conns())
		})
	}
}

// sendLines sends lines until there were enough lines and enough cuts.
func sendLines(p *process, lines int, proxy *servertest.LossyProxy, cuts int) (sent int) {
	out := bufio.NewWriter(p.stdin)
	defer p.stdin.Close()
	for sent < lines || proxy.Cuts() < cuts {
		sent++
		if _, err := out.Write(append(servertest.AppendLine(nil, sent), '\n')); err != nil {
			return sent
		}
	}
	out.Flush()
	return sent
}

// unconfirmedRange is a range of lines.
type unconfirmedRange struct{ First, Last, Count int }

// readUnconfirmed reads the events.
func readUnconfirmed(t *testing.T, p *process) (all []unconfirmedRange) {
	t.Helper()
	events := bufio.NewScanner(p.stdout)
	for events.Scan() {
		var e struct {
			Event string
			unconfirmedRange
		}
		if err := json.Unmarshal(events.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Event == "doubt" {
			all = append(all, e.unconfirmedRange)
		}
	}
	return all
}

var unconfirmedLine = regexp.MustCompile(`(?m)^\* lines? (\d+)(?: to (\d+) \((\d+) messages\))? may not have arrived$`)

// namedUnconfirmed reads the lines of standard error.
func namedUnconfirmed(t *testing.T, text string) (all []unconfirmedRange) {
	t.Helper()
	for _, match := range unconfirmedLine.FindAllStringSubmatch(text, -1) {
		d := unconfirmedRange{Count: 1}
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

func checkRecorder(t *testing.T, recorder *servertest.LineRecorder, sent int, reported []unconfirmedRange, resend bool) {
	t.Helper()
	if resend {
		repeated, err := recorder.CheckAtLeastOnce(sent)
		if err != nil || len(reported) > 0 {
			t.Errorf("%v; unconfirmed: %v", err, reported)
		}
		t.Logf("%d lines sent, %d arrived again", sent, repeated)
		return
	}
	unconfirmed := map[int]bool{}
	for _, d := range reported {
		if d.Count != d.Last-d.First+1 {
			t.Errorf("unconfirmed lines %+v", d)
		}
		for line := d.First; line <= d.Last; line++ {
			unconfirmed[line] = true
		}
	}
	missing, err := recorder.CheckAtMostOnce(sent, unconfirmed)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d lines sent, %d unconfirmed, %d of them did not arrive", sent, len(unconfirmed), missing)
}
