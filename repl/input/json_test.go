package input

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"wsx/client"
	"wsx/client/wire"
	"wsx/recording"
)

const recorded = `{"v":1,"time":"2026-11-20T12:00:00.000000000Z","event":"open","url":"ws://h/","http":"HTTP/1.1","status":101}
{"time":"2026-11-20T12:00:01.000000000Z","event":"message","dir":"out","type":"text","bytes":5,"data":"hello"}
{"time":"2026-11-20T12:00:01.500000000Z","event":"message","dir":"in","type":"text","bytes":5,"data":"hello"}
{"time":"2026-11-20T12:00:02.000000000Z","event":"message","dir":"out","type":"binary","bytes":3,"data":"AAEC","encoding":"base64"}
{"time":"2026-11-20T12:00:02.000000000Z","event":"frame","dir":"out","fin":true,"opcode":"binary","bytes":3}
{"time":"2026-11-20T12:00:04.000000000Z","event":"ping","dir":"out","bytes":4,"data":"beat"}
{"time":"2026-11-20T12:00:04.100000000Z","event":"pong","dir":"in","bytes":4,"data":"beat"}
{"time":"2026-11-20T12:00:05.000000000Z","event":"close","dir":"out","code":1000,"reason":"bye"}
{"time":"2026-11-20T12:00:05.100000000Z","event":"close","dir":"in","code":1000,"reason":"bye"}
{"time":"2026-11-20T12:00:05.200000000Z","event":"end","exit":0,"code":1000,"sent":2,"received":1}
`

// describe returns a short description of what a line sends or does.
func describe(l Line) string {
	verbs := [...]string{Send: l.Type.String(), Ping: "ping", Pong: "pong", Close: fmt.Sprint("close ", l.Code), Wait: "wait " + l.Pause.String()}
	return fmt.Sprintf("%d %s %q", l.Number, verbs[l.Action], l.Data)
}

func readLines(t *testing.T, s Source) []string {
	t.Helper()
	var got []string
	for {
		line, err := s.Next(context.Background())
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, describe(line))
	}
}

func TestReplay(t *testing.T) {
	want := []string{`2 text "hello"`, `4 binary "\x00\x01\x02"`, `6 ping "beat"`, `8 close 1000 "bye"`}
	if got := readLines(t, NewJSON(strings.NewReader(recorded), Options{})); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHandWrittenEvents(t *testing.T) {
	in := `{"event":"message","data":"a"}
{"wait":"200ms"}

{"event":"message","type":"text","data":"b"}
{"event":"pong"}
{"event":"close"}
{"event":"close","code":1005}`
	want := []string{`1 binary "a"`, `2 wait 200ms ""`, `4 text "b"`, `5 pong ""`, `6 close 1000 ""`, `7 close 1005 ""`}
	if got := readLines(t, NewJSON(strings.NewReader(in), Options{Type: client.Binary})); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTruncatedRecording(t *testing.T) {
	for _, cut := range []int{1, 20, 100} {
		second := strings.SplitAfterN(recorded, "\n", 4)
		text := second[0] + second[1] + second[2][:len(second[2])-cut]
		if got := readLines(t, NewJSON(strings.NewReader(text), Options{})); fmt.Sprint(got) != `[2 text "hello"]` {
			t.Errorf("cut %d: got %q", cut, got)
		}
	}
}

func TestReadyAtReceivedEvent(t *testing.T) {
	lines := strings.SplitAfter(recorded, "\n")
	s := NewJSON(&steps{[]byte(lines[1] + lines[2]), 5}, Options{})
	if _, err := s.Next(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s.lines.Ready(); s.Ready() {
		t.Error("ready, though nothing more follows")
	}
	s = NewJSON(strings.NewReader(lines[1]+lines[2]+lines[3]+"{"), Options{})
	for _, want := range []bool{true, false} {
		s.Next(context.Background())
		if s.Ready() != want {
			t.Errorf("ready %v, want %v", !want, want)
		}
	}
}

// slowClock is a clock whose time passes only by sleeping.
type slowClock struct {
	now   time.Time
	slept []time.Duration
}

func (c *slowClock) Now() time.Time { return c.now }

func (c *slowClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return nil
}

func TestReplayPace(t *testing.T) {
	for speed, want := range map[float64]string{1: "[1s 1s 2s 1s]", 2: "[500ms 500ms 1s 500ms]", 0: "[]"} {
		clock := &slowClock{now: time.Unix(0, 0)}
		readLines(t, NewJSON(strings.NewReader(recorded), Options{Speed: speed, Clock: clock}))
		if got := fmt.Sprint(clock.slept); got != want {
			t.Errorf("speed %v: slept %s, want %s", speed, got, want)
		}
	}
}

func TestReplayCanceled(t *testing.T) {
	clock := &slowClock{now: time.Unix(0, 0)}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s := NewJSON(strings.NewReader(recorded), Options{Speed: 1, Clock: clock})
	if _, err := s.Next(ended); err != context.Canceled {
		t.Fatalf("got %v, want canceled", err)
	}
	if s.Ready() {
		t.Error("ready before it is due")
	}
	if line, err := s.Next(context.Background()); err != nil || string(line.Data) != "hello" {
		t.Errorf("got %q, %v", line.Data, err)
	}
}

func TestRate(t *testing.T) {
	clock := &slowClock{now: time.Unix(0, 0)}
	s := NewRate(NewLines(strings.NewReader("a\nb\nc\nd\n"), Options{}), 10, clock)
	for i, want := range []string{"a", "b"} {
		line, err := s.Next(context.Background())
		if err != nil || string(line.Data) != want {
			t.Fatalf("line %d: %q, %v", i+1, line.Data, err)
		}
		if s.Ready() {
			t.Errorf("ready at once after %q", want)
		}
	}
	clock.now = clock.now.Add(time.Hour) // a pause is not made up for
	if !s.Ready() {
		t.Error("not ready after an hour")
	}
	if got, err := all(s); fmt.Sprint(got) != "[c d]" || err != io.EOF {
		t.Errorf("got %q, %v", got, err)
	}
	if got := fmt.Sprint(clock.slept); got != "[100ms 100ms]" {
		t.Errorf("slept %s", got)
	}
}

func TestRateCanceled(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s := NewRate(NewMessages([]string{"a", "b"}, Options{}), 1, &slowClock{now: time.Unix(0, 0)})
	s.Next(context.Background())
	if _, err := s.Next(ended); err != context.Canceled {
		t.Fatalf("got %v, want canceled", err)
	}
	if got, err := all(s); fmt.Sprint(got) != "[b]" || err != io.EOF {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReplayFragments(t *testing.T) {
	clock := &slowClock{now: time.Unix(0, 0)}
	s := NewRate(NewWhole(strings.NewReader(strings.Repeat("x", 5*fragmentSize)), Options{}), 1, clock)
	if got, err := all(s); len(got) != 1 || err != io.EOF || len(clock.slept) != 0 {
		t.Errorf("%d messages, %v, slept %v", len(got), err, clock.slept)
	}
}

// FuzzRecord checks that a line makes the reader fail only with a refusal, and that what it returns can be sent.
func FuzzRecord(f *testing.F) {
	for line := range strings.Lines(recorded) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"wait":"1h"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := recording.Parse(text)
		r := record{e}
		if err != nil || !r.isSent() {
			return
		}
		line, err := r.line(client.Text)
		if err != nil {
			return
		}
		if line.Action != Send && len(line.Data) > wire.MaxControl || line.Action == Wait && line.Pause < 0 {
			t.Errorf("%q is %s", text, describe(line))
		}
	})
}

func BenchmarkJSON(b *testing.B) {
	text := strings.Repeat(strings.SplitAfter(recorded, "\n")[1], 1<<12)
	s := NewJSON(strings.NewReader(text), Options{})
	for b.Loop() {
		if _, err := s.Next(context.Background()); err != nil {
			s = NewJSON(strings.NewReader(text), Options{})
		}
	}
}
