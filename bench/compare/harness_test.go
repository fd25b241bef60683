package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSupply: data fed through a pipe compares equal, and a difference is found.
func TestSupply(t *testing.T) {
	path := filepath.Join(t.TempDir(), "supply")
	content := bytes.Repeat([]byte("0123456789abcdef0\n"), 10000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := &supply{f, int64(len(content))}
	total := 2*s.size + 7
	r, w := io.Pipe()
	fed := make(chan error, 1)
	go func() { fed <- s.feed(w, total) }()
	if err := s.check(r, total); err != nil {
		t.Error(err)
	}
	if err := <-fed; err != nil {
		t.Error(err)
	}
	if err := s.check(bytes.NewReader(content[1:]), 100); err == nil {
		t.Error("other bytes pass")
	}
	if err := s.check(bytes.NewReader(content), s.size+1); err == nil || drain(bytes.NewReader(content), s.size+1) == nil {
		t.Error("a short output passes")
	}
}

// TestScenarios runs a small scenario of each kind with the whole command.
func TestScenarios(t *testing.T) {
	for _, scenario := range []string{"round trip, ws", "send 16 B lines, wss", "receive 64 KiB messages, ws", "start-up to first reply, ws"} {
		if testing.Short() && scenario != "round trip, ws" {
			break // one kind in short mode
		}
		var out, errs strings.Builder
		code := run(t.Context(), []string{"--quick", "--rounds", "1", "--contenders", "limit,plain", "--only", scenario}, &out, &errs)
		if code != 0 || !strings.Contains(out.String(), "\n  limit  ") || !strings.Contains(out.String(), "\n  plain  ") {
			t.Errorf("%s: exit %d\n%s\n%s", scenario, code, out.String(), errs.String())
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range []string{"--rounds -1", "send", "--no-such-flag"} {
		if code := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); code != 2 {
			t.Errorf("%s: exit %d, want 2", args, code)
		}
	}
	for _, args := range []string{"--only nothing --contenders limit", "--contenders unknown"} {
		if code := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); code != 1 {
			t.Errorf("%s: exit %d, want 1", args, code)
		}
	}
}
