//go:build unix

package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"wsx/test/ptytest"
)

// TestMain runs a program if a test has started it on a pty; otherwise it runs the tests, and checks for leaked goroutines.
func TestMain(m *testing.M) {
	if os.Getenv("TERMINAL_TEST_PROGRAM") != "" {
		os.Exit(runProgram())
	}
	signals := make(chan os.Signal, 1) // the goroutine that watches signals never ends once it has started
	signal.Notify(signals, syscall.SIGWINCH)
	signal.Stop(signals)
	before := runtime.NumGoroutine()
	code := m.Run()
	if left := awaitGoroutines(before); left > before && code == 0 {
		buf := make([]byte, 1<<20)
		fmt.Printf("%d goroutines are left:\n%s\n", left-before, buf[:runtime.Stack(buf, true)])
		code = 1
	}
	os.Exit(code)
}

// awaitGoroutines waits until at most wanted goroutines run, and returns how many do.
func awaitGoroutines(wanted int) (n int) {
	for range 200 {
		if n = runtime.NumGoroutine(); n <= wanted {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return n
}

// ptyScreen is a pty, the screen that it shows, and the bytes that were written to it.
type ptyScreen struct {
	t           *testing.T
	master, tty *os.File
	vt          vt10x.Terminal
	output      *ptytest.Reader
}

// openPTY opens a pty and watches what is written to it.
func openPTY(t *testing.T, width, height int) *ptyScreen {
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pty: %v", err)
	}
	master = cancelable(t, master)
	s := &ptyScreen{t: t, master: master, tty: tty, vt: vt10x.New(vt10x.WithSize(width, height))}
	s.resize(width, height)
	s.output = ptytest.Read(master, s.vt)
	t.Cleanup(func() {
		tty.Close()
		s.output.Wait()
		master.Close()
	})
	return s
}

// cancelable returns the same file; closing it ends a blocked read.
func cancelable(t *testing.T, file *os.File) *os.File {
	defer file.Close()
	fd, err := syscall.Dup(int(file.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), file.Name())
}

func (s *ptyScreen) resize(width, height int) {
	if err := pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		s.t.Fatal(err)
	}
	s.vt.Resize(width, height)
}

func (s *ptyScreen) press(keys string) {
	if _, err := io.WriteString(s.master, keys); err != nil {
		s.t.Fatal(err)
	}
}

// see waits until the screen has a text on it.
func (s *ptyScreen) see(text string) {
	s.t.Helper()
	s.until("see "+text, func() bool { return strings.Contains(s.screen(), text) })
}

// until waits for a condition that changes with what is written.
func (s *ptyScreen) until(what string, ok func() bool) {
	s.t.Helper()
	if !s.output.Until(time.Minute, ok) {
		s.t.Fatalf("did not %s; the screen is\n%s\nwritten was %q", what, s.screen(), s.written())
	}
}

// poke makes until check its condition again, if that does not change with what is written.
func (s *ptyScreen) poke() {
	time.AfterFunc(time.Millisecond, s.output.Check)
}

// screen returns the visible text, without blanks at the end.
func (s *ptyScreen) screen() string {
	var lines []string
	for line := range strings.SplitSeq(s.vt.String(), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func (s *ptyScreen) written() string { return s.output.Text() }

// onFreshRow reports whether the cursor is in the first column.
func (s *ptyScreen) onFreshRow() bool {
	s.vt.Lock()
	defer s.vt.Unlock()
	return s.vt.Cursor().X == 0
}

// modes returns the terminal's modes as text, for comparison.
func (s *ptyScreen) modes() string {
	state, err := term.GetState(int(s.tty.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%+v", *state)
}

func (s *ptyScreen) open(c Config) *Terminal {
	s.t.Helper()
	c.In, c.Out = s.tty, s.tty
	if c.Env == nil {
		c.Env = xterm
	}
	terminal, err := Open(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return terminal
}

func xterm(name string) string { return map[string]string{"TERM": "xterm-256color"}[name] }

// readAll reads lines until the end, and sends them to a channel.
func readAll(terminal *Terminal) (lines <-chan string, end <-chan error) {
	all, last := make(chan string, 10_000), make(chan error, 1)
	go func() {
		for {
			line, err := terminal.ReadLine(context.Background())
			if err != nil {
				last <- err
				return
			}
			all <- line
		}
	}()
	return all, last
}

func TestSession(t *testing.T) {
	s := openPTY(t, 40, 10)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> "})
	lines, end := readAll(terminal)
	s.see(">")
	s.press("hello 世界")
	s.see("> hello 世")
	terminal.Write([]byte("< one\n< two\n"))
	s.see("< two\n> hello")
	s.press("\r")
	if got := <-lines; got != "hello 世界" {
		t.Errorf("submitted %q", got)
	}
	s.press("half")
	s.see("> half")
	if !strings.Contains(s.written(), pasteOn) {
		t.Error("pastes are not bracketed")
	}
	s.press("\x03")
	s.see("> half^C\n>")
	s.press("\x04")
	if err := <-end; err != io.EOF {
		t.Errorf("Ctrl-D: %v", err)
	}
	s.checkClose(terminal, before)
	if got := s.screen(); got != "< one\n< two\n> hello 世界\n> half^C" && !strings.HasSuffix(got, "^C") {
		t.Errorf("left on the screen:\n%s", got)
	}
}

// checkClose closes the terminal, and checks that its modes are as they were before.
func (s *ptyScreen) checkClose(terminal *Terminal, before string) {
	s.t.Helper()
	began := time.Now()
	if err := terminal.Close(); err != nil {
		s.t.Errorf("Close: %v", err)
	}
	if took := time.Since(began); took > time.Second {
		s.t.Errorf("Close took %v", took)
	}
	if after := s.modes(); after != before {
		s.t.Errorf("the modes were\n%s\nand are\n%s", before, after)
	}
	if n := strings.Count(s.written(), pasteOn) - strings.Count(s.written(), pasteOff); n > 0 {
		s.until("see that pastes are not bracketed any more", func() bool {
			return strings.Count(s.written(), pasteOn) == strings.Count(s.written(), pasteOff)
		})
	}
	s.until("see the cursor on a fresh row", s.onFreshRow)
	if err := terminal.Close(); err != nil {
		s.t.Errorf("Close again: %v", err)
	}
	if _, err := terminal.ReadLine(context.Background()); err != ErrClosed {
		s.t.Errorf("ReadLine after Close: %v", err)
	}
	terminal.Write([]byte("printed after Close\n"))
}

func TestCloseWhileReading(t *testing.T) {
	s := openPTY(t, 40, 10)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> "})
	_, end := readAll(terminal)
	s.press("half typed")
	s.see("> half typed")
	terminal.Write([]byte("< the last message\n"))
	s.checkClose(terminal, before)
	if err := <-end; err != ErrClosed {
		t.Errorf("ReadLine: %v", err)
	}
	s.see("< the last message\n> half typed")
}

func TestReadLineWithContext(t *testing.T) {
	s := openPTY(t, 40, 10)
	terminal := s.open(Config{Prompt: "> "})
	defer terminal.Close()
	ctx, cancel := context.WithCancel(context.Background())
	s.press("half")
	go func() {
		s.see("> half")
		cancel()
	}()
	if line, err := terminal.ReadLine(ctx); line != "" || !errors.Is(err, context.Canceled) {
		t.Fatalf("ReadLine: %q, %v", line, err)
	}
	s.press(" and half\r")
	if line, err := terminal.ReadLine(context.Background()); line != "half and half" || err != nil {
		t.Fatalf("ReadLine: %q, %v", line, err)
	}
	s.press("\x03")
	if _, err := terminal.ReadLine(context.Background()); err != ErrInterrupt {
		t.Fatalf("Ctrl-C: %v", err)
	}
}

// TestInterruptComesFirst types ahead, and Ctrl-C while no ReadLine waits: it is reported at once, and what was typed ahead is back at
// the prompt.
func TestInterruptComesFirst(t *testing.T) {
	for _, cancels := range []bool{false, true} {
		s := openPTY(t, 40, 10)
		interrupts := make(chan struct{}, 1)
		terminal := s.open(Config{Prompt: "> ", Interrupt: func() bool { interrupts <- struct{}{}; return cancels }})
		s.press("first\r")
		if line, _ := terminal.ReadLine(context.Background()); line != "first" {
			t.Fatalf("submitted %q", line)
		}
		s.press("second\rthird\r")
		s.see("> first\n>\nqueued: second\nqueued: third")
		s.press("\x03")
		<-interrupts
		s.see("> first\n> second\n  third")
		if !cancels {
			if line, err := terminal.ReadLine(context.Background()); err != ErrInterrupt {
				t.Fatalf("submitted %q, %v", line, err)
			}
		}
		s.press("!\r")
		if line, err := terminal.ReadLine(context.Background()); line != "second\nthird!" {
			t.Fatalf("submitted %q, %v", line, err)
		}
		terminal.Close()
	}
}

// TestQueuedLines submits lines while none is read: they are marked as queued until they are read.
func TestQueuedLines(t *testing.T) {
	s := openPTY(t, 40, 12)
	terminal := s.open(Config{Prompt: "> "})
	next := func(want string) {
		t.Helper()
		if line, err := terminal.ReadLine(context.Background()); line != want {
			t.Fatalf("submitted %q, %v", line, err)
		}
	}
	s.press("a\r")
	next("a")
	s.press("b\x1b\rb\rc\rd\re\rf")
	s.see("> a\n> f\nqueued: b …\nqueued: c\nqueued: d\n… 1 more queued")
	terminal.Write([]byte("< message\n"))
	next("b\nb")
	s.see("> a\n< message\n> b\n  b\n> f\nqueued: c\nqueued: d\nqueued: e")
	next("c")
	next("d")
	next("e")
	s.see("> d\n> e\n> f")
	terminal.Unread("{\n}")
	s.see("> e\n> {\n  }\n  f")
	s.press("\r")
	next("{\n}\nf")
	s.press("unread\r")
	s.see("queued: unread")
	terminal.Close()
	s.see("  f\n> unread")
}

func TestUnbracketedPasteOnATerminal(t *testing.T) {
	s := openPTY(t, 80, 24)
	terminal := s.open(Config{Prompt: "> "})
	defer terminal.Close()
	lines, _ := readAll(terminal)
	s.see(">")
	go func() {
		for i := range 2000 {
			fmt.Fprintf(s.master, "line %d of the paste\r", i)
		}
	}()
	for i := range 2000 {
		if got, want := <-lines, fmt.Sprintf("line %d of the paste", i); got != want {
			t.Fatalf("line %d is %q", i, got)
		}
	}
}

func TestSecret(t *testing.T) {
	s := openPTY(t, 40, 10)
	terminal := s.open(Config{Prompt: "> "})
	defer terminal.Close()
	lines, _ := readAll(terminal)
	s.press("half")
	s.see("> half")
	answer := make(chan string)
	ask := func() {
		line, err := terminal.ReadSecret(context.Background(), "password: ")
		answer <- fmt.Sprint(line, err)
	}
	go ask()
	s.see("password:")
	terminal.Write([]byte("< meanwhile\n"))
	s.see("< meanwhile\npassword:")
	s.press("pax\x7f55\r")
	if got := <-answer; got != "pa55<nil>" {
		t.Errorf("secret: %s", got)
	}
	go ask()
	s.see("password:\npassword:")
	s.press("pa\x03")
	if got := <-answer; got != ErrInterrupt.Error() {
		t.Errorf("Ctrl-C: %s", got)
	}
	s.see("password: ^C\n> half")
	s.press(" way\r")
	if got := <-lines; got != "half way" {
		t.Errorf("submitted %q", got)
	}
	s.press("\x1b[A\x1b[A")
	s.see("> half way\n> half way")
	if strings.Contains(s.written(), "pa5") || strings.Contains(s.screen(), "55") {
		t.Errorf("the secret was written: %q", s.written())
	}
}

func TestResize(t *testing.T) {
	s := openPTY(t, 40, 10)
	terminal := s.open(Config{Prompt: "> "})
	defer terminal.Close()
	readAll(terminal)
	s.press("half typed")
	s.see("> half typed")
	s.resize(20, 10)
	syscall.Kill(os.Getpid(), syscall.SIGWINCH) // the pty is not our controlling terminal
	s.press(" on a narrow screen")
	s.until("wrap at 20 columns", func() bool { return strings.Contains(s.screen(), "> half typed on a\nnarrow screen") })
	if w, h := terminal.Size(); w != 20 || h != 10 {
		t.Errorf("size is %dx%d", w, h)
	}
}

func TestNoSize(t *testing.T) {
	s := openPTY(t, 80, 24)
	pty.Setsize(s.tty, &pty.Winsize{})
	terminal := s.open(Config{Prompt: "> "})
	defer terminal.Close()
	lines, _ := readAll(terminal)
	s.press("hello\r")
	if got := <-lines; got != "hello" {
		t.Errorf("submitted %q", got)
	}
	if w, h := terminal.Size(); w != 80 || h != 24 {
		t.Errorf("size is %dx%d", w, h)
	}
}

func TestSuspendReleasesTheTerminal(t *testing.T) {
	s := openPTY(t, 40, 10)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> "})
	lines, _ := readAll(terminal)
	s.press("half")
	s.see("> half")
	raw := s.modes()
	err := terminal.Suspend(func() error {
		if got := s.modes(); got != before {
			t.Errorf("released with the modes\n%s\nnot\n%s", got, before)
		}
		terminal.Write([]byte("< meanwhile\n"))
		terminal.SetStatus("not now")
		fmt.Fprint(s.tty, "other program\n")
		s.see("other program")
		if strings.Contains(s.screen(), "half") || strings.Contains(s.screen(), "meanwhile") {
			t.Errorf("while released the screen is\n%s", s.screen())
		}
		return errors.New("from the function")
	})
	if err == nil || err.Error() != "from the function" {
		t.Errorf("Suspend: %v", err)
	}
	s.see("other program\n< meanwhile\n> half\nnot now")
	if got := s.modes(); got != raw {
		t.Errorf("taken back with the modes\n%s\nnot\n%s", got, raw)
	}
	s.press(" way\r")
	if got := <-lines; got != "half way" {
		t.Errorf("submitted %q", got)
	}
	terminal.SetStatus("")
	s.checkClose(terminal, before)
	if err := terminal.Suspend(func() error { t.Error("called after Close"); return nil }); err != ErrClosed {
		t.Errorf("Suspend after Close: %v", err)
	}
}

// TestCloseWhileReleased closes the terminal while it is released: what was printed meanwhile is written afterwards.
func TestCloseWhileReleased(t *testing.T) {
	s := openPTY(t, 40, 10)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> "})
	readAll(terminal)
	s.press("half")
	s.see("> half")
	terminal.Suspend(func() error {
		terminal.Write([]byte("< meanwhile\n"))
		s.checkClose(terminal, before)
		fmt.Fprint(s.tty, "other program\n")
		return nil
	})
	s.see("other program\n< meanwhile")
	if after := s.modes(); after != before {
		t.Errorf("the modes were\n%s\nand are\n%s", before, after)
	}
}

// script writes an executable script and returns its path.
func script(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEditor(t *testing.T) {
	s := openPTY(t, 40, 10)
	before := s.modes()
	editor := script(t, `test "$(stat -c %a "$2" 2>/dev/null || stat -f %Lp "$2")" = 600 || exit 3
		test -t 0 || exit 4
		cat "$2"; echo " and more" >>"$2"; echo "$1" >>"$2"`)
	terminal := s.open(Config{Prompt: "> ", Editor: []string{editor, "--wait"}})
	lines, _ := readAll(terminal)
	s.press("\x1b[200~one\rtwo\x1b[201~!\x18\x05")
	s.see("[pasted 3 lines")
	s.press("\r")
	if got := <-lines; got != "one\ntwo! and more\n--wait" {
		t.Errorf("submitted %q", got)
	}
	s.checkClose(terminal, before)
}

func TestEditorFails(t *testing.T) {
	s := openPTY(t, 150, 10)
	terminal := s.open(Config{Prompt: "> ", Editor: []string{script(t, "exit 7")}})
	defer terminal.Close()
	lines, _ := readAll(terminal)
	s.press("kept\x18\x05")
	s.see("exit status 7")
	s.press("\r")
	if got := <-lines; got != "kept" {
		t.Errorf("submitted %q", got)
	}
}

func TestNoEditor(t *testing.T) {
	s := openPTY(t, 60, 10)
	terminal := s.open(Config{Prompt: "> "})
	defer terminal.Close()
	lines, _ := readAll(terminal)
	s.press("kept\x18\x05")
	s.see("$VISUAL")
	s.press("\r")
	if got := <-lines; got != "kept" {
		t.Errorf("submitted %q", got)
	}
}

// TestCloseEndsTheEditor closes the terminal while an editor has it.
func TestCloseEndsTheEditor(t *testing.T) {
	s := openPTY(t, 60, 10)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> ", Editor: []string{script(t, "trap 'echo terminated; exit 0' TERM\necho ready\nwhile :; do sleep 0.05; done")}})
	readAll(terminal)
	s.press("half\x18\x05")
	s.see("ready")
	terminal.Write([]byte("< meanwhile\n"))
	s.checkClose(terminal, before)
	s.see("terminated\n< meanwhile\n> half")
}

func TestHangUp(t *testing.T) {
	s := openPTY(t, 40, 10)
	terminal := s.open(Config{Prompt: "> "})
	_, end := readAll(terminal)
	s.press("half")
	s.see("> half")
	s.master.Close()
	if err := <-end; err == nil || err == ErrClosed {
		t.Errorf("ReadLine: %v", err)
	}
	for range 100 { // the terminal is closed: Write must not block
		terminal.Write(bytes.Repeat([]byte("< message\n"), 10_000))
	}
	terminal.Close()
}

// TestTerminalThatReadsNothing fills a terminal that no longer reads: keys are handled, Write blocks, Close returns.
func TestTerminalThatReadsNothing(t *testing.T) {
	t.Parallel()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pty: %v", err)
	}
	defer master.Close()
	defer tty.Close()
	terminal, err := Open(Config{In: tty, Out: tty, Env: xterm, Prompt: "> ", MaxAhead: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	_, end := readAll(terminal)
	blocked := make(chan struct{})
	go func() {
		defer close(blocked)
		for range 1000 {
			terminal.Write(bytes.Repeat([]byte("< message\n"), 1000))
		}
	}()
	io.WriteString(master, "half\x03\x03")
	if err := <-end; err != ErrInterrupt {
		t.Errorf("Ctrl-C: %v", err)
	}
	select {
	case <-blocked:
		t.Error("Write did not block")
	default:
	}
	terminal.Close()
	<-blocked
	go io.Copy(io.Discard, master) // lets the writer, which is blocked in the kernel, end
}

// TestRestore does what a program does on a panic in any goroutine: the modes are as they were, and nothing more is drawn.
func TestRestore(t *testing.T) {
	s := openPTY(t, 40, 10)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> "})
	_, end := readAll(terminal)
	s.press("half")
	s.see("> half")
	terminal.Restore()
	if after := s.modes(); after != before {
		t.Errorf("the modes were\n%s\nand are\n%s", before, after)
	}
	fmt.Fprint(s.tty, "panic: oh no\n")
	terminal.Write([]byte("< message\n"))
	terminal.SetStatus("status")
	if err := <-end; err != ErrClosed {
		t.Errorf("ReadLine: %v", err)
	}
	terminal.Restore()
	terminal.Close()
	s.see("> half\npanic: oh no")
	if got := s.screen(); got != "> half\npanic: oh no" || !strings.Contains(s.written(), pasteOff) {
		t.Errorf("left on the screen:\n%s", got)
	}
}

// TestTwoWritersAndAllKeys uses everything at once, for the race detector.
func TestTwoWritersAndAllKeys(t *testing.T) {
	s := openPTY(t, 60, 20)
	candidates := func(line string, pos int) (string, []Candidate) {
		return line[:pos], []Candidate{{Text: "a"}, {Text: "b"}}
	}
	terminal := s.open(Config{Prompt: "> ", Complete: candidates, Hint: func(string) string { return "hint" }})
	_, end := readAll(terminal)
	var all sync.WaitGroup
	for writer := range 2 {
		all.Go(func() {
			for i := range 500 {
				terminal.Write(fmt.Appendf(nil, "< %d message %d\n", writer, i))
			}
		})
	}
	all.Go(func() {
		for i := range 50 {
			terminal.SetStatus(fmt.Sprint("status ", i))
			terminal.Size()
		}
	})
	for range 20 {
		s.press("hello\x12el\x07\t\t\x1b[Z\x7f\x1b[A\x0c\x1b[200~1\r2\x1b[201~\x15")
	}
	all.Wait()
	s.press("\x03\x03")
	if err := <-end; err != ErrInterrupt {
		t.Errorf("ReadLine: %v", err)
	}
	terminal.Close()
	s.until("see every message", func() bool {
		return strings.Count(s.written(), "< 0 message") == 500 && strings.Count(s.written(), "< 1 message") == 500
	})
}

// runProgram runs a small program that uses a Terminal as applications do, and returns the exit code.
func runProgram() int {
	terminal, err := Open(Config{In: os.Stdin, Out: os.Stdout, Prompt: "> "})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer terminal.Restore()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	defer stop()
	for {
		line, err := terminal.ReadLine(ctx)
		switch {
		case err != nil:
			terminal.Write([]byte("end: " + err.Error() + "\n"))
			terminal.Close()
			return 0
		case line == "panic":
			go func() {
				defer terminal.Restore()
				panic("oh no")
			}()
			select {}
		}
		terminal.Write([]byte("< " + line + "\n"))
	}
}

// startProgram runs a program on a pty, which is its controlling terminal.
func startProgram(t *testing.T, program string, command ...string) (*ptyScreen, *exec.Cmd) {
	s := openPTY(t, 60, 20)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if len(command) == 0 {
		command = []string{self}
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TERMINAL_TEST_PROGRAM="+program, "TERM=xterm", "SELF="+self, "PS1=shell: ", "ENV=", "XTERM_VERSION=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.tty, s.tty, s.tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return s, cmd
}

// TestModesAtEveryExit ends a program in every way; the modes are then as they were found, and pastes not bracketed.
func TestModesAtEveryExit(t *testing.T) {
	ways := map[string]func(*ptyScreen, *exec.Cmd){
		"Ctrl-D":  func(s *ptyScreen, _ *exec.Cmd) { s.press("\x04") },
		"Ctrl-C":  func(s *ptyScreen, _ *exec.Cmd) { s.press("\x03") },
		"SIGTERM": func(_ *ptyScreen, c *exec.Cmd) { c.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(_ *ptyScreen, c *exec.Cmd) { c.Process.Signal(syscall.SIGHUP) },
		"SIGINT":  func(_ *ptyScreen, c *exec.Cmd) { c.Process.Signal(syscall.SIGINT) },
		"panic":   func(s *ptyScreen, _ *exec.Cmd) { s.press("panic\r") },
	}
	for name, exit := range ways {
		t.Run(name, func(t *testing.T) {
			s := openPTY(t, 10, 10)
			before := s.modes()
			s, cmd := startProgram(t, name)
			s.see(">")
			if s.modes() == before {
				t.Error("the terminal was never raw")
			}
			exit(s, cmd)
			cmd.Wait()
			if after := s.modes(); after != before {
				t.Errorf("the modes were\n%s\nand are\n%s", before, after)
			}
			s.until("see that pastes are not bracketed", func() bool { return strings.Contains(s.written(), pasteOff) })
			s.until("see the cursor on a fresh row", s.onFreshRow)
			if name == "panic" {
				s.see("panic: oh no")
			}
		})
	}
}

// TestHistoryInAFIFO opens a history that is a FIFO: opening it for reading would wait for ever.
func TestHistoryInAFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o644); err != nil {
		t.Skip(err)
	}
	if _, err := OpenHistory(path); err == nil || !strings.HasSuffix(err.Error(), "is not a regular file") {
		t.Errorf("OpenHistory: %v", err)
	}
}

// TestSuspendAndContinue presses Ctrl-Z in a shell with job control, and continues.
func TestSuspendAndContinue(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	s, _ := startProgram(t, "stop", bash, "--norc", "--noprofile", "-i")
	s.see("shell:")
	s.press("$SELF\r")
	s.see("\n>")
	s.press("half")
	s.see("> half")
	s.press("\x1a")
	s.see("Stopped")
	if strings.Contains(s.screen(), "> half") {
		t.Errorf("the prompt was left:\n%s", s.screen())
	}
	s.press("echo in the sh''ell\r")
	s.see("\nin the shell")
	s.press("fg\r")
	s.see("> half")
	s.press(" way\r")
	s.see("< half way")
	s.press("\x04")
	s.see("end: EOF\nshell:")
}

// TestContinueOnce stops and continues a program repeatedly, with pauses around the time that it waits for a shell: each time there
// is one prompt.
func TestContinueOnce(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	s, _ := startProgram(t, "stop", bash, "--norc", "--noprofile", "-i")
	s.see("shell:")
	s.press("$SELF\r")
	s.see("\n>")
	s.press("half")
	s.see("> half")
	line := ""
	for i, pause := range []string{"0", "0.08", "0.1", "0.11", "0.15", "0.2"} {
		s.press("\x1a")
		s.until("stop", func() bool { return strings.Count(s.written(), "Stopped") == i+1 })
		s.press("clear; sleep " + pause + "; fg\r")
		s.see("> half" + line)
		line += string(rune('a' + i))
		s.press(line[i:])
		s.until("draw what was typed", func() bool { return strings.HasSuffix(s.screen(), "> half"+line) })
		if n := strings.Count(s.screen(), "> half"); n != 1 {
			t.Fatalf("after %s s there are %d prompts:\n%s", pause, n, s.screen())
		}
	}
	s.press("\r\x04")
	s.see("end: EOF\nshell:")
}

// TestSuspendWithoutJobControl presses Ctrl-Z where no shell could continue the program: it keeps running.
func TestSuspendWithoutJobControl(t *testing.T) {
	t.Parallel()
	s, _ := startProgram(t, "stop", "sh", "-c", "$SELF; echo left $?")
	s.see(">")
	s.press("half\x1a")
	s.press(" way\r")
	s.see("< half way\n>")
	s.press("\x04")
	s.see("left 0")
}

// TestContinuedFromOutside stops the program from outside, changes the modes as a shell does, and continues it.
func TestContinuedFromOutside(t *testing.T) {
	t.Parallel()
	s, cmd := startProgram(t, "stop")
	s.see(">")
	cmd.Process.Signal(syscall.SIGSTOP)
	var status unix.WaitStatus
	if _, err := unix.Wait4(cmd.Process.Pid, &status, unix.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("not stopped: %v", err)
	}
	modes, err := unix.IoctlGetTermios(int(s.tty.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	modes.Lflag |= unix.ICANON | unix.ECHO
	if err := unix.IoctlSetTermios(int(s.tty.Fd()), setTermios, modes); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGCONT)
	s.until("draw the prompt again", func() bool { return strings.Count(s.written(), "> ") == 2 })
	s.press("raw again\r")
	s.see("< raw again")
	if strings.Count(s.screen(), "raw again") != 2 {
		t.Errorf("the terminal echoes:\n%s", s.screen())
	}
}
