package input

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimit(t *testing.T) {
	for name, rest := range map[string]func() Source{
		"nothing follows": nil,
		"ends at once":    func() Source { return NewLines(strings.NewReader("typed\n"), Options{}) },
		"never ends":      func() Source { return NewLines(neverRead{}, Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var others []Source
				if rest != nil {
					others = append(others, rest())
				}
				source := NewLimit(NewMessages([]string{"a", "b"}, Options{}), 2*time.Second, others...)
				begun, lines := time.Now(), ""
				for {
					line, err := source.Next(t.Context())
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					lines += string(line.Data) + " "
				}
				wanted := "a b "
				if name == "ends at once" {
					wanted += "typed "
				}
				if lines != wanted {
					t.Errorf("lines %q, want %q", lines, wanted)
				}
				if took := time.Since(begun); took != 2*time.Second {
					t.Errorf("it ended after %v", took)
				}
				time.Sleep(time.Hour) // the read that nothing waits for has ended
			})
		})
	}
}

// neverRead is a stream that delivers nothing within an hour.
type neverRead struct{}

func (neverRead) Read([]byte) (int, error) {
	time.Sleep(time.Hour)
	return 0, io.EOF
}
