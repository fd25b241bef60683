package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rogpeppe/go-internal/txtar"

	"wsx/client"
	"wsx/repl/input"
	"wsx/repl/render"
)

// TestSessions runs the sessions of testdata: a script, what the server answers to each message, and what is sent, fails and is
// reported. Time is that of synctest.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string]string{}
		for _, part := range archive.Files {
			parts[part.Name] = string(part.Data)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runSession(t, parts) })
		})
	}
}

func runSession(t *testing.T, parts map[string]string) {
	script, err := Parse(strings.NewReader(parts["script"]), Options{Name: "test.wsx", Command: known})
	if err != nil {
		t.Fatal(err)
	}
	run := NewRun(script, NewInbox(0, 0))
	sent, err := exchange(run, parts["server"])
	err = run.Finish(err)
	if sent != parts["sent"] {
		t.Errorf("sent:\n%swanted:\n%s", sent, parts["sent"])
	}
	var fails string
	if err != nil {
		fails = strings.TrimPrefix(string(render.AppendFailure(nil, err, nil, render.Theme{})), "wsx: ")
	}
	if fails != parts["fails"] {
		t.Errorf("failed:\n%swanted:\n%s", fails, parts["fails"])
	}
	var report strings.Builder
	if run.Report(&report, "tap"); parts["report"] != "" && report.String() != parts["report"] {
		t.Errorf("reported:\n%swanted:\n%s", report.String(), parts["report"])
	}
}

// known are the commands of the tests.
func known(line string) error {
	name, _, _ := strings.Cut(line, " ")
	if name == "/ping" || name == "/text" || name == "/close" {
		return nil
	}
	return fmt.Errorf("unknown command %s", name)
}

// exchange sends the messages of a run to a server, and returns them line by line.
func exchange(run *Run, server string) (sent string, err error) {
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	answer(run.Inbox(), server, "", end)
	for {
		line, err := run.Next(ctx)
		switch {
		case ctx.Err() != nil && err != nil:
			var closed *client.CloseError
			errors.As(context.Cause(ctx), &closed)
			if closed.Code == 1000 {
				return sent, nil
			}
			return sent, closed
		case errors.Is(err, io.EOF):
			return sent, nil
		case err != nil:
			return sent, err
		case line.Action == input.Send:
			sent += string(line.Data) + "\n"
			answer(run.Inbox(), server, string(line.Data), end)
		}
	}
}

// answer is the reaction of the server to a message: "hello => hi" sends hi, "hello => CLOSE 4000 why" closes.
func answer(b *Inbox, server, received string, end context.CancelCauseFunc) {
	for rule := range strings.Lines(server) {
		to, reply, _ := strings.Cut(strings.TrimSuffix(rule, "\n"), "=> ")
		if strings.TrimSpace(to) != received {
			continue
		}
		if closing, closes := strings.CutPrefix(reply, "CLOSE "); closes {
			closed := &client.CloseError{URL: "ws://test/"}
			fmt.Sscan(closing, &closed.Code)
			_, closed.Reason, _ = strings.Cut(closing, " ")
			b.Handle(&client.Event{Kind: client.KindClose, Code: closed.Code, Payload: []byte(closed.Reason)})
			end(closed)
			return
		}
		receiveInFragments(b, reply)
	}
}

// receiveInFragments receives a message in two fragments.
func receiveInFragments(b *Inbox, text string) {
	half := len(text) / 2
	b.Handle(&client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Payload: []byte(text[:half])})
	b.Handle(&client.Event{Kind: client.KindMessage, Type: client.Text, Last: true, Payload: []byte(text[half:])})
}
