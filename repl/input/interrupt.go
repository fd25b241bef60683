package input

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"

	"github.com/muesli/cancelreader"
)

// interruptible is a reader whose Read returns when a context ends. How depends on the source:
//   - a regular file, or memory, never waits and is read directly;
//   - a pipe, a socket or a terminal is waited for with epoll, kqueue or select, without a goroutine;
//   - anything else (and, on Windows, a pipe) is read by a goroutine that lives until its read returns. What
//     it read after the waiting was given up is not lost: the next Read returns it.
type interruptible struct {
	from    io.Reader
	file    *os.File                  // nil = not one that can be waited for
	waiter  cancelreader.CancelReader // for file; spent once cancelled, then nil
	direct  bool                      // never waits
	block   []byte                    // what the goroutine reads into
	pending chan readResult           // a read that is under way; nil = no read is
}

type readResult struct {
	data []byte
	err  error
}

func newInterruptible(from io.Reader) *interruptible {
	r := &interruptible{from: from}
	file, isFile := from.(*os.File)
	_, inMemory := from.(interface{ Len() int })
	switch {
	case inMemory, isFile && isRegular(file):
		r.direct = true
	case isFile && runtime.GOOS != "windows":
		r.file = file
	}
	return r
}

func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// Read reads once, or returns the context's error.
func (r *interruptible) Read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	switch {
	case r.direct:
		return r.from.Read(p)
	case r.file != nil && r.canWait():
		return r.readFile(ctx, p)
	case r.direct: // canWait found out that it cannot be waited for, like /dev/null
		return r.from.Read(p)
	}
	return r.readInGoroutine(ctx, p)
}

// canWait reports whether the file can be waited for.
func (r *interruptible) canWait() bool {
	if r.waiter != nil {
		return true
	}
	waiter, err := cancelreader.NewReader(r.file)
	if err != nil {
		r.direct = true
		return false
	}
	r.waiter = waiter
	return true
}

func (r *interruptible) readFile(ctx context.Context, p []byte) (int, error) {
	waiter := r.waiter
	stop := context.AfterFunc(ctx, func() { waiter.Cancel() })
	n, err := waiter.Read(p)
	if !stop() || err != nil {
		waiter.Close()
		r.waiter = nil
	}
	if errors.Is(err, cancelreader.ErrCanceled) {
		return n, ctx.Err()
	}
	return n, err
}

func (r *interruptible) readInGoroutine(ctx context.Context, p []byte) (int, error) {
	if r.pending == nil {
		r.start(len(p))
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case o := <-r.pending:
		r.pending = nil
		n := copy(p, o.data)
		if n < len(o.data) { // it was begun with a larger p
			r.pending = make(chan readResult, 1)
			r.pending <- readResult{o.data[n:], o.err}
			return n, nil
		}
		return n, o.err
	}
}

// start begins a read; its goroutine ends with it, whether or not it is still waited for.
func (r *interruptible) start(size int) {
	if len(r.block) < size {
		r.block = make([]byte, size)
	}
	pending, block := make(chan readResult, 1), r.block[:size]
	r.pending = pending
	go func() {
		n, err := r.from.Read(block)
		pending <- readResult{block[:n], err}
	}()
}
