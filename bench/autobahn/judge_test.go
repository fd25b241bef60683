package main

import (
	"context"
	"strings"
	"testing"
)

// TestNoPython: a machine without Python 2.7 is told so, and nothing fails.
func TestNoPython(t *testing.T) {
	var out, errs strings.Builder
	code := run(t.Context(), []string{"--python", "/no/such/python"}, &out, &errs)
	if code != 0 || !strings.HasPrefix(out.String(), "autobahn: skipped: ") || errs.Len() > 0 {
		t.Errorf("exit %d, printed %q and %q; want 0 and a line that says it was skipped", code, out.String(), errs.String())
	}
}

func TestUsage(t *testing.T) {
	for _, args := range []string{"--servers 0", "--timeout -1s", "client {url}", "--no-such-flag"} {
		if code := run(t.Context(), strings.Fields(args), &strings.Builder{}, &strings.Builder{}); code != 2 {
			t.Errorf("%s: exit %d, want 2", args, code)
		}
	}
}

// TestAwait: a client that has ended gets its own verdict, not a late one of the case before, and one that the
// server never saw has failed.
func TestAwait(t *testing.T) {
	s := &server{verdicts: make(chan verdict, 2)}
	s.verdicts <- verdict{Case: "1.1.1", Behavior: failed, BehaviorClose: ok}
	s.verdicts <- verdict{Case: "1.1.2", Behavior: ok, BehaviorClose: ok}
	if v := s.await("1.1.2", "exit 6"); v.Case != "1.1.2" || v.column() != ok || v.client != "exit 6" {
		t.Errorf("got %+v, want the verdict of 1.1.2", v)
	}
	close(s.verdicts)
	if v := s.await("1.1.3", ""); v.Case != "1.1.3" || v.column() != failed {
		t.Errorf("got %+v, want 1.1.3 failed", v)
	}
}

// TestClientCommand: the address goes where {url} stands, or last; the last words of a client that failed are kept.
func TestClientCommand(t *testing.T) {
	for _, command := range []string{"go nosuchcommand {url}", "go nosuchcommand"} {
		end := <-newClient(command).start(context.Background(), "ws://127.0.0.1:1/")
		if !strings.Contains(end, "exit status 2") || !strings.Contains(end, "go nosuchcommand: unknown command") {
			t.Errorf("%s ended with %q", command, end)
		}
	}
	if c := newClient("a b {url} c"); strings.Join(c, " ") != "a b {url} c" {
		t.Errorf("got %v", c)
	}
	if c := newClient("a b"); strings.Join(c, " ") != "a b {url}" {
		t.Errorf("got %v", c)
	}
}
