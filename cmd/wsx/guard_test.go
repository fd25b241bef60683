package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPanicRestoresTheTerminal(t *testing.T) {
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	var steps []string
	s := environment{stderr: stderr, exit: func(code int) {
		if code != exitFailed {
			t.Errorf("exit code %d, want %d", code, exitFailed)
		}
		steps = append(steps, "exit")
	}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.guard(func() { steps = append(steps, "restore") })()
		var none []string
		_ = none[len(steps)]
	}()
	<-done
	if got := strings.Join(steps, ", "); got != "restore, exit" {
		t.Errorf("after a fault: %s; want the terminal restored, then the end", got)
	}
	stderr.Seek(0, io.SeekStart)
	text, _ := io.ReadAll(stderr)
	if line := string(text); !strings.HasPrefix(line, "wsx: internal error at guard_test.go:") || strings.Contains(line, "goroutine") {
		t.Errorf("printed %q", line)
	}
}
