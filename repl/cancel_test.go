package repl

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestRunning asks to cancel a line before, while and after it runs.
func TestRunning(t *testing.T) {
	quits := 0
	r := running{onIdle: func() { quits++ }}
	if r.stop() {
		t.Error("something was cancelled before lines are read")
	}
	cancelled := 0
	cancel := func() { cancelled++ }
	want := func(what string, got, want bool, times int) {
		t.Helper()
		if got != want || cancelled != times {
			t.Errorf("%s: %v, cancelled %d times", what, got, cancelled)
		}
	}
	r.setReading(true)
	want("between two lines", r.stop(), true, 0)
	want("and again", r.stop(), false, 0)
	r.start(cancel)
	want("that line has begun, and is cancelled", true, true, 1)
	want("and again", r.stop(), false, 1)
	r.done()
	r.setReading(true)
	r.start(cancel)
	want("the next line runs", true, true, 1)
	want("while it runs", r.stop(), true, 2)
	want("and again", r.stop(), false, 2)
	r.done()
	want("after it", r.stop(), true, 2)
	if quits != 0 {
		t.Error("a line was cancelled, and the session ended as well")
	}
	r.setReading(true)
	r.start(cancel)
	want("which is not for a line that is read later", true, true, 2)
	if quits != 1 {
		t.Errorf("an interrupt that no line followed ended the session %d times", quits)
	}
	r.done()
	r.setReading(false)
	want("after the last", r.stop(), false, 2)
}

// TestInterruptBetweenLines: an interrupt that was pressed just before the sender waits for the next line ends the session.
func TestInterruptBetweenLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quits := 0
		r := running{onIdle: func() { quits++ }}
		r.setReading(true)
		if !r.stop() {
			t.Error("nothing is cancelled, although a line may be about to run")
		}
		time.Sleep(cancelWindow + time.Millisecond)
		synctest.Wait()
		if quits != 1 {
			t.Errorf("the session was ended %d times", quits)
		}
	})
}
