package input

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestSequence(t *testing.T) {
	s := NewSequence(
		NewMessages([]string{"x1", "x2"}, Options{}),
		NewMessages(nil, Options{}),
		NewLines(strings.NewReader("a\nb\n"), Options{}),
	)
	if !s.Ready() {
		t.Error("not ready with a message at hand")
	}
	if got, err := all(s); fmt.Sprint(got) != "[x1 x2 a b]" || err != io.EOF {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSequenceReady(t *testing.T) {
	s := NewSequence(NewMessages([]string{"x"}, Options{}), NewLines(strings.NewReader("a\n"), Options{}))
	s.Next(context.Background())
	if s.Ready() {
		t.Error("ready, though nothing of the second source was read")
	}
}
