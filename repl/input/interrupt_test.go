package input

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"testing"
	"time"
)

// awaitGoroutines waits until no more goroutines run than before, and fails the test if they do not end.
func awaitGoroutines(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

type pipe struct {
	name  string
	read  io.ReadCloser
	write io.WriteCloser
}

func pipes(t *testing.T) []pipe {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	memory, into := io.Pipe()
	return []pipe{{"a pipe of the system", r, w}, {"a pipe in memory", memory, into}}
}

func TestNextCanceled(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, p := range pipes(t) {
		s := NewLines(p.read, Options{})
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan error)
		go func() {
			_, err := s.Next(ctx)
			ended <- err
		}()
		cancel(errors.New("the server closed"))
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: Next returned %v, want canceled", p.name, err)
		}
		p.write.Close()
		p.read.Close()
	}
	awaitGoroutines(t, before)
}

func TestNextAfterCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, p := range pipes(t) {
		s := NewLines(p.read, Options{})
		for _, want := range []string{"first", "second"} {
			ended, cancel := context.WithCancel(context.Background())
			waiting := make(chan error)
			go func() {
				_, err := s.Next(ended)
				waiting <- err
			}()
			cancel()
			<-waiting
			go p.write.Write([]byte(want + "\n"))
			ctx, stop := context.WithCancel(context.Background())
			line, err := s.Next(ctx)
			stop()
			if string(line.Data) != want || err != nil {
				t.Errorf("%s: got %q, %v; want %q", p.name, line.Data, err, want)
			}
		}
		p.write.Close()
		if _, err := s.Next(context.Background()); err != io.EOF {
			t.Errorf("%s: %v, want the end", p.name, err)
		}
		p.read.Close()
	}
	awaitGoroutines(t, before)
}

func BenchmarkPipe(b *testing.B) {
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	text := make([]byte, 0, 1<<16)
	for len(text) < 1<<16 {
		text = append(text, "0123456789abcdef\n"...)
	}
	text = text[:len(text)/17*17]
	go func() {
		for {
			if _, err := w.Write(text); err != nil {
				return
			}
		}
	}()
	defer w.Close()
	ctx := b.Context()
	s := NewLines(r, Options{})
	b.SetBytes(17)
	for b.Loop() {
		if _, err := s.Next(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
