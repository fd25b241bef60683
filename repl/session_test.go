package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wsx/client"
	"wsx/repl/input"
	"wsx/repl/render"
	"wsx/repl/script"
	"wsx/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSessions has the conversations in testdata. A line that begins with "> " is typed, when all lines before it have been
// seen; the others are what must be seen, and … stands for anything.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			holdSession(t, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
		})
	}
}

func holdSession(t *testing.T, lines []string) {
	s, err := server.Listen(t.Context(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown(context.Background())
	paper := &paper{written: make(chan struct{}, 1)}
	display, err := NewOutput(t.Context(), paper, paper, View{Format: "pretty", Options: render.Options{Terminal: true}}, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	typist := &typist{script: lines, paper: paper}
	conversation := New(Config{
		URL: s.URL(), Options: client.Options{ReportSent: true, Trace: true}, Source: typist, Output: display,
		Slash: true, Interactive: true, Inbox: script.NewInbox(time.Minute, 0),
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := conversation.Run(ctx); err != nil {
		t.Errorf("the conversation failed: %v", err)
	}
	for _, line := range lines[typist.at:] {
		if strings.HasPrefix(line, "> ") {
			t.Errorf("the conversation ended before %q", line)
		}
		typist.want = append(typist.want, line)
	}
	if err := typist.compare(); err != nil {
		t.Error(err)
	}
	if extra := paper.lines()[len(typist.want):]; len(extra) > 0 {
		t.Errorf("nobody wanted to see %q", extra)
	}
}

// paper is a screen of a test: all that was ever written to it.
type paper struct {
	written chan struct{} // gets a signal after each write

	mu   sync.Mutex // guards the fields below
	text bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.written <- struct{}{}:
	default:
	}
	return p.text.Write(b)
}

func (p *paper) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.TrimSuffix(p.text.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// typist types the lines of a script, each when what stands before it has been seen.
type typist struct {
	script []string
	paper  *paper
	at     int      // the next line of the script
	want   []string // what must have been seen by now
	number int
}

func (t *typist) Ready() bool { return false }

func (t *typist) Next(ctx context.Context) (input.Line, error) {
	for i, line := range t.script[t.at:] {
		said, typed := strings.CutPrefix(line, "> ")
		if !typed {
			continue
		}
		t.want = append(t.want, t.script[t.at:t.at+i]...)
		t.at += i + 1
		t.number++
		return input.Line{Type: client.Text, Data: []byte(said), Number: t.number}, t.await(ctx)
	}
	return input.Line{}, io.EOF // what is left to see comes with the end
}

// await returns when as many lines were seen as are wanted.
func (t *typist) await(ctx context.Context) error {
	for len(t.paper.lines()) < len(t.want) {
		select {
		case <-t.paper.written:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), t.compare())
		}
	}
	return nil
}

// compare holds what was seen against what was wanted.
func (t *typist) compare() error {
	seen := t.paper.lines()
	for i, want := range t.want {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
		if i >= len(seen) || !regexp.MustCompile("^"+pattern+"$").MatchString(seen[i]) {
			return fmt.Errorf("line %d: want %q; all that was seen:\n%s", i+1, want, strings.Join(seen, "\n"))
		}
	}
	return nil
}
