package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"wsx/client"
)

// loud packs text by making it upper case.
func loud(text []byte) ([]byte, error) {
	if bytes.Contains(text, []byte("?")) {
		return nil, errors.New("not loud")
	}
	return bytes.ToUpper(text), nil
}

func TestPacked(t *testing.T) {
	s := NewPacked(NewLines(strings.NewReader("a\nb\n?\nc\n"), Options{}), loud, Options{})
	line, err := s.Next(context.Background())
	if err != nil || string(line.Data) != "A" || line.Type != client.Binary || line.Number != 1 {
		t.Errorf("said %s, %v", spoken(line), err)
	}
	if !s.Ready() {
		t.Error("not ready with a line at hand")
	}
	said, err := all(s)
	if fmt.Sprint(said) != "[B]" || err == nil || err.Error() != "standard input: line 3: not loud" || s.Ready() {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestPiecesArePackedTogether(t *testing.T) {
	text := strings.Repeat("x", 3*pieceSize)
	s := NewPacked(NewSequence(NewWhole(strings.NewReader(text), Options{}), NewMessages([]string{"end"}, Options{})), loud, Options{})
	if said, err := all(s); len(said) != 2 || said[0] != strings.ToUpper(text) || said[1] != "END" || err != io.EOF {
		t.Errorf("%d messages, %v", len(said), err)
	}
}

func TestWhatIsPackedIsHeldUpToMax(t *testing.T) {
	s := NewPacked(NewWhole(io.LimitReader(zeros{}, 3*pieceSize), Options{}), loud, Options{Max: 2 * pieceSize})
	if said, err := all(s); len(said) != 0 || err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("%d messages, %v", len(said), err)
	}
}

func TestOnlyMessagesArePacked(t *testing.T) {
	s := NewPacked(NewJSON(strings.NewReader(`{"event":"ping","data":"a"}`), Options{}), loud, Options{})
	if line, err := s.Next(context.Background()); err != nil || line.Verb != Ping || string(line.Data) != "a" {
		t.Errorf("said %s, %v", spoken(line), err)
	}
}
