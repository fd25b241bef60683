//go:build !windows

package input

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestReadFile(t *testing.T) {
	regular, fifo := filepath.Join(t.TempDir(), "regular"), filepath.Join(t.TempDir(), "fifo")
	if err := errors.Join(os.WriteFile(regular, make([]byte, 100<<10), 0o600), syscall.Mkfifo(fifo, 0o600)); err != nil {
		t.Fatal(err)
	}
	if content, err := ReadFile(t.Context(), regular, 1); err != nil || len(content) != 100<<10 {
		t.Errorf("a file: %d bytes, %v", len(content), err)
	}
	if _, err := ReadFile(t.Context(), "/dev/zero", 1<<20); err == nil {
		t.Error("a device that never ends was read")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := ReadFile(ctx, fifo, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a FIFO without a writer: %v", err)
	}
	writer, err := os.OpenFile(fifo, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := ReadFile(ctx, fifo, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a FIFO that nothing is written to: %v", err)
	}
}
