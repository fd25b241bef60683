package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Open opens a file, and returns early when ctx ends: opening a FIFO blocks until its other end is opened.
func Open(ctx context.Context, open func() (*os.File, error)) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	opened, cancelled := make(chan result), make(chan struct{})
	go func() { // ended when the file is open
		file, err := open()
		select {
		case opened <- result{file, err}:
		case <-cancelled:
			file.Close()
		}
	}()
	select {
	case r := <-opened:
		return r.file, r.err
	case <-ctx.Done():
		close(cancelled)
		return nil, ctx.Err()
	}
}

// ReadFile reads a file of any kind, and returns early when ctx ends. It returns an error for a file that is not regular and
// has more than max bytes.
func ReadFile(ctx context.Context, path string, max int64) ([]byte, error) {
	file, err := Open(ctx, func() (*os.File, error) { return os.Open(path) })
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if isRegular(file) {
		return io.ReadAll(file)
	}
	from, content := newInterruptible(file), make([]byte, 0, 64<<10)
	for {
		if int64(len(content)) > max {
			return nil, TooLarge(path, max)
		}
		if len(content) == cap(content) {
			content = append(content, 0)[:len(content)]
		}
		n, err := from.Read(ctx, content[len(content):cap(content)])
		content = content[:len(content)+n]
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// TooLarge returns the error for a file that is larger than a message may be.
func TooLarge(path string, max int64) error {
	return fmt.Errorf("read %s: larger than the maximum message, %d bytes", path, max)
}
