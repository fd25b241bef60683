package terminal

import (
	"fmt"
	"time"
)

// suspend releases the terminal while a function runs. It waits for another program that uses the terminal.
func (t *screenTerminal) suspend(call func() error) error {
	released := make(chan struct{})
	t.do(func() {
		t.suspending = append(t.suspending, released)
		t.releaseNext()
	})
	select {
	case <-released:
	case <-t.done:
		return ErrClosed
	}
	defer t.reacquire()
	return call()
}

// releaseNext releases the terminal to the function that has waited longest, if there is one and the terminal is not released.
func (t *screenTerminal) releaseNext() {
	if len(t.suspending) == 0 || t.console.released {
		return
	}
	t.release()
	close(t.suspending[0])
	t.suspending = t.suspending[1:]
}

// reacquire resumes, or if the terminal was closed while it was released, prints the buffered output.
func (t *screenTerminal) reacquire() {
	t.do(t.resume)
	select {
	case <-t.done:
		for !t.prints.empty() && !t.writeFailed {
			t.tty.out.Write(t.console.transcribe(nil, time.Now()))
		}
	default:
	}
}

// release releases the terminal for another program: it erases the view and restores the modes.
func (t *screenTerminal) release() {
	if t.keyboard != nil {
		t.rest = append(t.rest, t.keyboard.halt()...)
		t.keyboard = nil
	}
	t.console.released = true
	if t.awaitWriter(longDrain) {
		t.send(time.Now())
		t.awaitWriter(longDrain)
	}
	t.tty.restore()
}

// resume makes the terminal raw again, and handles what was typed before it was released.
func (t *screenTerminal) resume() {
	defer t.releaseNext()
	t.console.released = false
	keyboard, err := startKeyboard(t.tty.in)
	if err != nil {
		t.fail(fmt.Errorf("read the terminal: %w", err))
		return
	}
	t.keyboard = keyboard
	t.makeRaw()
	t.console.input(t.rest)
	t.rest = nil
	t.press()
}

// makeRaw makes the terminal raw again. The view must be drawn again.
func (t *screenTerminal) makeRaw() {
	if t.restored.Load() {
		return
	}
	if err := t.tty.makeRaw(); err != nil {
		t.fail(err)
		return
	}
	t.console.resetView()
}
