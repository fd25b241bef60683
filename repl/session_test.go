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

// TestSessions runs the sessions in testdata. A line that begins with "> " is typed, once all lines before it have been
// shown; the others must be shown, and … stands for any text.
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
			runSession(t, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
		})
	}
}

func runSession(t *testing.T, lines []string) {
	t.Helper()
	runSessionWith(t, Config{URL: echoServer(t)}, lines, nil)
}

// echoServer returns the URL of a server that runs until the end of the test.
func echoServer(t *testing.T) string {
	t.Helper()
	s, err := server.Listen(t.Context(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s.URL()
}

// runSessionWith runs a session over the network. A line "! NAME" of the script calls the action of this name.
func runSessionWith(t *testing.T, config Config, lines []string, actions map[string]func()) {
	t.Helper()
	shown := &transcript{written: make(chan struct{}, 1)}
	view := View{Format: "pretty", Options: render.Options{Terminal: true}}
	if config.Dialect != nil {
		view.Format, view.Translates = "raw", true
	}
	output, err := NewOutput(t.Context(), shown, shown, view, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	source := &scriptSource{script: lines, transcript: shown, actions: actions}
	config.Options.ReportSent, config.Options.Trace = true, true
	config.Source, config.Output, config.Inbox = source, output, script.NewInbox(time.Minute, 0)
	config.Slash, config.Interactive = true, true
	session := New(config)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := session.Run(ctx); err != nil && !errors.As(err, new(*client.LostError)) {
		t.Errorf("the session failed: %v", err)
	}
	for _, line := range lines[source.at:] {
		if strings.HasPrefix(line, "> ") {
			t.Errorf("the session ended before %q", line)
		}
		source.want = append(source.want, line)
	}
	if err := source.compare(); err != nil {
		t.Fatal(err)
	}
	if extra := shown.lines()[len(source.want):]; len(extra) > 0 {
		t.Errorf("more was shown: %q", extra)
	}
}

// transcript is all that was written to a screen.
type transcript struct {
	written chan struct{} // gets a signal after each write

	mu   sync.Mutex // guards the fields below
	text bytes.Buffer
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case t.written <- struct{}{}:
	default:
	}
	return t.text.Write(b)
}

func (t *transcript) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSuffix(t.text.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// scriptSource types the lines of a script, each once the lines before it have been shown.
type scriptSource struct {
	script     []string
	transcript *transcript
	actions    map[string]func()
	at         int      // index of the next line of the script
	want       []string // lines that must have been shown by now
	number     int
}

func (s *scriptSource) Ready() bool { return false }

func (s *scriptSource) Next(ctx context.Context) (input.Line, error) {
	for i := s.at; i < len(s.script); i++ {
		line := s.script[i]
		text, typed := strings.CutPrefix(line, "> ")
		action, acts := strings.CutPrefix(line, "! ")
		if !typed && !acts {
			continue
		}
		s.want = append(s.want, s.script[s.at:i]...)
		s.at = i
		if err := s.await(ctx); err != nil {
			return input.Line{}, err // the line is for the next call
		}
		s.at++
		if acts {
			s.actions[action]()
			continue
		}
		s.number++
		return input.Line{Type: client.Text, Data: []byte(text), Number: s.number}, nil
	}
	return input.Line{}, io.EOF // the rest is shown at the end
}

// await returns when as many lines have been shown as are expected.
func (s *scriptSource) await(ctx context.Context) error {
	for len(s.transcript.lines()) < len(s.want) {
		select {
		case <-s.transcript.written:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// compare compares the lines shown with the expected ones.
func (s *scriptSource) compare() error {
	shown := s.transcript.lines()
	for i, want := range s.want {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
		if i >= len(shown) || !regexp.MustCompile("^"+pattern+"$").MatchString(shown[i]) {
			return fmt.Errorf("line %d: want %q; all that was shown:\n%s", i+1, want, strings.Join(shown, "\n"))
		}
	}
	return nil
}
