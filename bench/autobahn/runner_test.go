package main

import (
	"context"
	"io"
	"strings"
	"testing"
)

// TestNoPython: without Python 2.7 one line is printed, and nothing fails.
func TestNoPython(t *testing.T) {
	var out, errs strings.Builder
	code := run(t.Context(), []string{"--python", "/no/such/python"}, &out, &errs)
	if code != 0 || !strings.HasPrefix(out.String(), "autobahn: skipped: ") || errs.Len() > 0 {
		t.Errorf("exit %d, printed %q and %q; want 0 and a line that says it was skipped", code, out.String(), errs.String())
	}
}

func TestUsage(t *testing.T) {
	for _, args := range []string{"--jobs 0", "--client a --server b", "--timeout -1s", "client {url}", "--no-such-flag"} {
		if code := run(t.Context(), strings.Fields(args), &strings.Builder{}, &strings.Builder{}); code != 2 {
			t.Errorf("%s: exit %d, want 2", args, code)
		}
	}
}

// TestAwait: a client that has ended gets its own verdict, not a late one of the case before; a case that
// never began has failed.
func TestAwait(t *testing.T) {
	s := &fuzzer{verdicts: make(chan verdict, 2)}
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

// TestClientCommand: the address replaces {url}, or is the last argument; the end of its standard error is kept.
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

// TestServerCase: the fuzzing client is given the name of a case; a late verdict of another one is skipped, and a case
// without a verdict has failed.
func TestServerCase(t *testing.T) {
	var sent strings.Builder
	f := &fuzzer{stdin: writeCloser{&sent}, verdicts: make(chan verdict, 2)}
	f.verdicts <- verdict{Case: "1.1.1", Behavior: failed, BehaviorClose: ok}
	f.verdicts <- verdict{Case: "1.1.2", Behavior: ok, BehaviorClose: ok}
	if v := f.testServer(t.Context(), "1.1.2"); v.Case != "1.1.2" || v.column() != ok || sent.String() != "1.1.2\n" {
		t.Errorf("got %+v after %q, want the verdict of 1.1.2", v, sent.String())
	}
	expired, cancel := context.WithCancel(t.Context())
	cancel()
	if v := f.testServer(expired, "1.1.3"); v.column() != failed || !strings.Contains(v.Result, "no verdict") {
		t.Errorf("got %+v, want no verdict", v)
	}
	close(f.verdicts)
	if v := f.testServer(t.Context(), "1.1.4"); v.column() != failed || !strings.Contains(v.Result, "has ended") {
		t.Errorf("got %+v, want a client that has ended", v)
	}
}

type writeCloser struct{ io.Writer }

func (writeCloser) Close() error { return nil }
