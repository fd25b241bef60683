package terminal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFlood prints 100,000 messages in a second of simulated time while a line is half typed: all are in the scrollback, the
// prompt is drawn at most 60 times, every key is shown within 50 ms, and drawing adds at most a tenth to the bytes written.
func TestFlood(t *testing.T) {
	for half, messages := range map[string]int{"half": 100_000, strings.Repeat("half-a-line-", 17): 20_000} {
		if testing.Short() {
			messages = 20_000
		}
		s := newSimulation(t, 80, 24, Config{Prompt: "> "})
		s.press(half)
		s.frame()
		f := flood{simulation: s, began: s.now, half: half, messages: messages}
		for range messages / 100 {
			f.millisecond()
		}
		for !s.console.prints.empty() {
			f.millisecond()
		}
		f.check(t)
	}
}

// flood prints messages and types keys, and measures what drawing costs.
type flood struct {
	*simulation
	began    time.Time
	half     string    // the half-typed line
	messages int       // number to print
	message  int       // number of the next one
	payload  int       // bytes of the messages
	written  int       // bytes written to the terminal
	drawn    int       // number of frames
	keyAt    time.Time // when a key that is not shown yet was typed; zero = all are shown
	keys     int       // number of keys typed
	slowest  time.Duration
	pressed  string
	lines    []string // that have scrolled off and were removed from the vt
}

// millisecond simulates a millisecond: 100 messages, sometimes a key, and a frame if one is due.
func (f *flood) millisecond() {
	if f.message < f.messages {
		for range 100 {
			line := fmt.Sprintf("< message %06d %s\n", f.message, strings.Repeat("x", 43))
			f.message++
			f.payload += len(line)
			f.console.prints.push([]byte(line))
		}
		if f.message%3700 == 0 {
			f.pressed += string(rune('a' + f.keys%26))
			f.keys++
			f.console.input([]byte(f.pressed[len(f.pressed)-1:]))
			f.console.press()
			f.keyAt = f.now
		}
	}
	f.now = f.now.Add(time.Millisecond)
	if wait, ok := f.console.due(f.now); !ok || wait > 0 {
		return
	}
	frame := f.console.frame(nil, f.now)
	f.console.pace.frameWritten(len(frame), time.Millisecond)
	f.written += len(frame)
	f.drawn++
	f.vt.Write(frame)
	f.lines = append(f.lines, f.vt.removeScrolled()...)
	if !f.keyAt.IsZero() && bytes.Contains(frame, []byte(f.half+f.pressed)) {
		f.slowest = max(f.slowest, f.now.Sub(f.keyAt))
		f.keyAt = time.Time{}
	}
}

func (f *flood) check(t *testing.T) {
	t.Helper()
	seconds := f.now.Sub(f.began).Seconds()
	if rate := float64(f.drawn-1) / seconds; rate > 60 {
		t.Errorf("the prompt was drawn %.1f times a second", rate)
	}
	if cost := float64(f.written) / float64(f.payload); cost > 1.1 {
		t.Errorf("%d bytes were written for %d bytes of messages: %.3f", f.written, f.payload, cost)
	}
	t.Logf("%d frames in %.2f s, %.3f times the bytes, slowest key %v", f.drawn, seconds, float64(f.written)/float64(f.payload), f.slowest)
	if f.slowest > 50*time.Millisecond || !f.keyAt.IsZero() || f.keys < f.messages/5000 {
		t.Errorf("the slowest of %d keys was shown after %v", f.keys, f.slowest)
	}
	if seconds > float64(f.messages)/100_000+0.1 {
		t.Errorf("all was on the screen only after %.2f s", seconds)
	}
	lines := append(f.lines, f.vt.text()...)
	if want := "> " + f.half + f.pressed; lines[len(lines)-1] != want {
		t.Errorf("below the flood stands %q, want %q", lines[len(lines)-1], want)
	}
	for i, line := range lines[:len(lines)-1] {
		if want := fmt.Sprintf("< message %06d ", i); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d is %q, want %q", i, line, want)
		}
	}
	if len(lines) != f.messages+1 {
		t.Errorf("%d lines are there, want %d", len(lines), f.messages+1)
	}
}

// TestSlowTerminal: frames shrink to what the terminal can write between two, so that a key is not delayed by what is printed.
func TestSlowTerminal(t *testing.T) {
	p := newPace(16 * time.Millisecond)
	const rate = 1 << 20 // bytes a second
	for range 20 {
		p.frameWritten(p.limit, time.Duration(p.limit)*time.Second/rate)
	}
	if took := time.Duration(p.limit) * time.Second / rate; took > 17*time.Millisecond || p.limit < minFrame {
		t.Errorf("a frame has %d bytes and takes %v", p.limit, took)
	}
	for range 20 {
		p.frameWritten(p.limit, time.Microsecond)
	}
	if p.limit != maxFrame {
		t.Errorf("a fast terminal gets frames of %d bytes", p.limit)
	}
}

func TestWriteWaitsWhenFullAndIsReleasedByClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newPrintBuffer(1000)
		o.write(bytes.Repeat([]byte("x"), 991))
		o.write([]byte("fills it\n"))
		blocked := make(chan struct{})
		go func() {
			defer close(blocked)
			o.write([]byte("waits\n"))
		}()
		synctest.Wait()
		select {
		case <-blocked:
			t.Fatal("Write went on with a full printBuffer")
		default:
		}
		o.close()
		<-blocked
		printed, _ := o.pop(nil, 1<<20, false)
		if got := string(printed); strings.Contains(got, "waits") || !strings.HasSuffix(got, "fills it\r\n") {
			t.Errorf("after close: %q", got[980:])
		}
	})
}

// TestStream writes lines in parts, split anywhere, with frames between: no line is broken.
func TestStream(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := newSimulation(t, 40, 10, Config{Prompt: "> "})
	var all strings.Builder
	for i := range 300 {
		fmt.Fprintf(&all, "< message %d 世界 \x1b[31m%s\x1b[0m\n", i, strings.Repeat("é", r.IntN(60)))
	}
	for rest := all.String(); rest != ""; {
		n := min(len(rest), 1+r.IntN(100))
		s.console.prints.write([]byte(rest[:n]))
		rest = rest[n:]
		if s.now = s.now.Add(17 * time.Millisecond); r.IntN(2) == 0 {
			s.vt.Write(s.console.frame(nil, s.now))
		}
	}
	s.press("half")
	s.frameUnchecked()
	want := append(strings.Split(strings.TrimSuffix(withoutStyle(all.String()), "\n"), "\n"), "> half")
	if got := s.vt.text(); !slices.Equal(got, trimmed(want)) {
		t.Errorf("want %q\ngot  %q", tail(want), tail(got))
	}
}

// TestLineWithoutEnd writes a line that does not end: it is shown after a moment, and the prompt below it.
func TestLineWithoutEnd(t *testing.T) {
	s := newSimulation(t, 40, 10, Config{Prompt: "> "})
	s.console.prints.write([]byte("< one\n< half of"))
	s.vt.Write(s.console.frame(nil, s.now))
	if got := s.vt.text(); !slices.Equal(got, []string{"< one", ">"}) {
		t.Errorf("at once: %q", got)
	}
	if wait, ok := s.console.due(s.now); !ok || wait != lineTimeout {
		t.Errorf("the next frame is due in %v, %v", wait, ok)
	}
	s.now = s.now.Add(lineTimeout)
	s.vt.Write(s.console.frame(nil, s.now))
	s.console.prints.write([]byte("< two\n"))
	s.frameUnchecked()
	if got := s.vt.text(); !slices.Equal(got, []string{"< one", "< half of", "< two", ">"}) {
		t.Errorf("later: %q", got)
	}
	if _, ok := s.console.due(s.now); ok {
		t.Error("there is more to draw")
	}
}

// TestLineLargerThanThePrintBuffer writes a line that is larger than the print buffer, in parts.
func TestLineLargerThanThePrintBuffer(t *testing.T) {
	s := newSimulation(t, 40, 10, Config{Prompt: "> "})
	s.console.prints.limit = 1000
	line := "< " + strings.Repeat("é\x1b[32m世\x1b[0m", 3000)
	for rest := line + "\nmore\n"; rest != ""; {
		n := min(len(rest), 333)
		s.console.prints.write([]byte(rest[:n]))
		rest = rest[n:]
		if whole, _ := s.console.prints.waiting(); whole {
			s.now = s.now.Add(17 * time.Millisecond)
			s.vt.Write(s.console.frame(nil, s.now))
		}
	}
	s.frameUnchecked()
	if got := s.vt.text(); !slices.Equal(got, []string{withoutStyle(line), "more", ">"}) {
		t.Errorf("%d lines: %.200q", len(got), got)
	}
}

func TestPasteOfAMegabyte(t *testing.T) {
	s := newSimulation(t, 80, 24, Config{Prompt: "> "})
	text := strings.Repeat("{\"key\": \"value\"}\r", 1<<20/17)
	all := "\x1b[200~" + text + "\x1b[201~"
	began := time.Now()
	for len(all) > 0 { // as a terminal delivers it
		n := min(len(all), 4095)
		s.console.input([]byte(all[:n]))
		s.console.press()
		all = all[n:]
		s.frame()
	}
	s.press("\r")
	s.frame()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	want := strings.TrimSuffix(strings.ReplaceAll(text, "\r", "\n"), "\n")
	if submitted := s.console.popSubmitted(); len(submitted) != 1 || submitted[0].line != want {
		t.Errorf("%d lines were submitted", len(submitted))
	}
	if got := s.vt.text(); got[0] != fmt.Sprintf("> [pasted 61680 lines, %d bytes]", len(want)) {
		t.Errorf("the screen shows %q", got)
	}
}

func TestPasteOfLines(t *testing.T) {
	s := newSimulation(t, 80, 24, Config{Prompt: "> "})
	s.press("\x1b[200~{\r  \"a\": 1,\r  \"b\": 2\r}\r\x1b[201~")
	s.frame()
	if got := s.vt.text(); got[0] != "> [pasted 4 lines, 22 bytes]" {
		t.Errorf("the screen shows %q", got)
	}
	s.press(" and more\r")
	if submitted := s.console.popSubmitted(); len(submitted) != 1 || submitted[0].line != "{\n  \"a\": 1,\n  \"b\": 2\n} and more" {
		t.Errorf("submitted %+v", submitted)
	}
}

// TestLinesBeyondTheReaders submits two lines while one ReadLine waits: the second is queued.
func TestLinesBeyondTheReaders(t *testing.T) {
	s := newSimulation(t, 40, 10, Config{Prompt: "> "})
	s.console.readers = 1
	s.console.input([]byte("one\rtwo\r"))
	s.console.press()
	submitted := s.console.popSubmitted()
	if len(submitted) != 2 || submitted[0].queued != nil || submitted[1].queued == nil {
		t.Fatalf("submitted %+v", submitted)
	}
	s.frameUnchecked()
	if got := s.vt.text(); !slices.Equal(got, []string{"> one", ">", "queued: two"}) {
		t.Errorf("the screen shows %q", got)
	}
}

// TestUnbracketedPaste types 2,000 lines in reads of several sizes; each is submitted once.
func TestUnbracketedPaste(t *testing.T) {
	for _, size := range []int{1, 7, 4095, 1 << 20} {
		s := newSimulation(t, 80, 24, Config{Prompt: "> "})
		s.console.readers = 1 << 30
		var all strings.Builder
		for i := range 2000 {
			fmt.Fprintf(&all, "line %d of the paste ✓\r", i)
		}
		for text := all.String(); text != ""; {
			n := min(len(text), size)
			s.console.input([]byte(text[:n]))
			s.console.press()
			text = text[n:]
		}
		s.console.frame(nil, s.now)
		submitted := s.console.popSubmitted()
		if len(submitted) != 2000 {
			t.Fatalf("%d lines were submitted", len(submitted))
		}
		for i, line := range submitted {
			if want := fmt.Sprintf("line %d of the paste ✓", i); line.line != want || line.err != nil {
				t.Fatalf("line %d: want %q, got %q", i, want, line.line)
			}
		}
	}
}
