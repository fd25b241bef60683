package terminal

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// screenTerminal is a terminal with a drawn prompt. One goroutine, the loop, owns the console; a second reads keys, a third
// writes frames, so that neither reading nor writing blocks the loop.
type screenTerminal struct {
	tty      *tty
	prints   *printBuffer
	queue    *queue
	calls    chan func() // functions for the loop to call
	frames   chan []byte
	wrote    chan wrote
	quit     chan struct{}
	done     chan struct{} // the loop has ended
	once     sync.Once
	restored atomic.Bool // nothing is written any more
	err      error       // of restoring the terminal; valid after done

	// The loop's own.
	console       console
	keyboard      *keyboard
	rest          []byte          // typed before the terminal was released
	suspending    []chan struct{} // functions that wait for the terminal: closed when it is released to them
	stopEditor    func()          // ends $EDITOR and waits for it; nil when it does not run
	signals       <-chan os.Signal
	buf           []byte
	writing       bool
	writeFailed   bool
	contPending   bool      // the SIGCONT of the last Ctrl-Z has not arrived yet
	sequenceStart time.Time // when the last bytes were read, for the timeout of a sequence
}

// wrote is the result of writing a frame.
type wrote struct {
	n    int
	took time.Duration
	err  error
}

// maxAhead is how many lines may be typed ahead of ReadLine; then the keyboard is not read.
const maxAhead = 10_000

func openScreen(c Config) (*screenTerminal, error) {
	tty, err := openTTY(c.In, c.Out)
	if err != nil {
		return nil, err
	}
	t := &screenTerminal{
		tty: tty, prints: newPrintBuffer(c.MaxAhead), queue: newQueue(),
		calls: make(chan func()), frames: make(chan []byte, 1), wrote: make(chan wrote, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	t.console = newConsole(c, t.prints)
	t.console.screen.resize(sizeOf(c.Out))
	if t.keyboard, err = startKeyboard(c.In); err != nil {
		tty.restore()
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	signals, stop := watchSignals()
	t.signals = signals
	go t.output(c.Out)
	go func() {
		defer stop()
		t.loop()
	}()
	return t, nil
}

// output writes frames until the channel is closed.
func (t *screenTerminal) output(out io.Writer) {
	for frame := range t.frames {
		if t.restored.Load() {
			t.wrote <- wrote{}
			continue
		}
		began := time.Now()
		n, err := out.Write(frame)
		t.wrote <- wrote{n, time.Since(began), err}
	}
}

// loop owns the console: it waits for events, and draws frames when they are due.
func (t *screenTerminal) loop() {
	defer close(t.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(t.draw())
		typed, drained := t.keySource()
		select {
		case p, ok := <-typed:
			t.input(p, ok)
		case call := <-t.calls:
			call()
		case w := <-t.wrote:
			t.written(w)
		case s := <-t.signals:
			t.signal(s)
		case <-timer.C:
			t.expire()
		case <-t.prints.wake:
		case <-drained:
		case <-t.quit:
			t.shutDown()
			return
		}
	}
}

// keySource returns the channel of typed bytes, nil while the terminal is released or more than maxAhead lines wait for
// ReadLine.
func (t *screenTerminal) keySource() (typed <-chan []byte, drained <-chan struct{}) {
	switch {
	case t.keyboard == nil:
		return nil, nil
	case t.queue.len() > maxAhead:
		return nil, t.queue.drained
	}
	return t.keyboard.typed, nil
}

// draw sends a frame to the writer if one is due and the writer is idle, and returns how long the loop may sleep.
func (t *screenTerminal) draw() time.Duration {
	now := time.Now()
	sleep := time.Hour
	if t.console.decoder.waiting() {
		sleep = t.console.decoder.sequenceTimeout() - now.Sub(t.sequenceStart)
	}
	wait, ok := t.console.due(now)
	if !ok || t.writing {
		return sleep
	}
	if wait > 0 {
		return min(sleep, wait)
	}
	t.send(now)
	return sleep
}

// send sends the next frame to the writer, drawn for the present size of the screen.
func (t *screenTerminal) send(now time.Time) {
	t.console.screen.resize(sizeOf(t.tty.out))
	if t.buf = t.console.frame(t.buf[:0], now); len(t.buf) > 0 {
		t.console.pace.frameDrawn(time.Since(now))
		t.frames <- t.buf
		t.writing = true
	}
}

func (t *screenTerminal) written(w wrote) {
	t.writing = false
	t.console.pace.frameWritten(w.n, w.took)
	if w.err != nil {
		t.fail(fmt.Errorf("write to the terminal: %w", w.err))
	}
}

// fail ends all input and output, since the terminal was closed or cannot be written. Write does not block any more.
func (t *screenTerminal) fail(err error) {
	t.writeFailed = true
	t.queue.end(err)
	t.prints.close()
	t.restored.Store(true)
}

// input handles what was read from the keyboard.
func (t *screenTerminal) input(p []byte, ok bool) {
	if !ok {
		t.keyboard.halt()
		t.keyboard = nil
		t.queue.end(io.EOF)
		t.console.cancelSecret(nil, io.EOF)
		return
	}
	t.sequenceStart = time.Now()
	t.console.input(p)
	t.press()
}

// expire ends an incomplete sequence after its timeout.
func (t *screenTerminal) expire() {
	if d := &t.console.decoder; d.waiting() && time.Since(t.sequenceStart) >= d.sequenceTimeout() {
		t.console.timeout()
		t.press()
	}
}

// press runs the commands of the keys. If one releases the terminal, the remaining keys wait.
func (t *screenTerminal) press() {
	for more := true; more && !t.console.released; {
		t.console.readers = t.queue.waiting()
		did := t.console.press()
		more = did != proceed
		t.queueSubmitted(t.console.popSubmitted())
		switch did {
		case suspend:
			t.stop()
		case compose:
			t.compose()
		}
	}
}

// queueSubmitted queues submissions for ReadLine.
func (t *screenTerminal) queueSubmitted(all []submission) {
	for _, s := range all {
		if s.err == ErrInterrupt {
			t.interrupted(s)
			continue
		}
		t.queue.add(s)
	}
}

// interrupted returns lines typed ahead to the prompt. It queues the interrupt, unless Config.Interrupt has cancelled a running
// command.
func (t *screenTerminal) interrupted(s submission) {
	waits := t.queue.waiting() > 0
	t.console.returnToPrompt(t.queue.removeQueued())
	if interrupt := t.console.config.Interrupt; waits || interrupt == nil || !interrupt() {
		t.queue.add(s)
	}
}

// do makes the loop call a function, without waiting for its end.
func (t *screenTerminal) do(call func()) {
	select {
	case t.calls <- call:
	case <-t.done:
	}
}

// await makes the loop call a function and waits for its end. It reports whether that came before the end of the loop.
func (t *screenTerminal) await(call func()) bool {
	ended := make(chan struct{})
	t.do(func() {
		call()
		close(ended)
	})
	select {
	case <-ended:
		return true
	case <-t.done:
		return false
	}
}

func (t *screenTerminal) readLine(ctx context.Context) (string, error) {
	t.do(func() {
		if !t.console.active {
			t.console.active, t.console.dirty = true, true
		}
	})
	s, err := t.queue.next(ctx)
	if s.queued != nil {
		t.await(func() { t.console.printQueued(s.queued) })
	}
	return s.line, err
}

func (t *screenTerminal) unread(line string) {
	t.do(func() { t.console.unread(line, unfoldBytes) })
}

func (t *screenTerminal) readSecret(ctx context.Context, prompt string) (string, error) {
	s := newSecret(prompt)
	t.do(func() { t.console.startSecret(s) })
	select {
	case a := <-s.answer:
		return a.line, a.err
	case <-ctx.Done():
		t.do(func() { t.console.cancelSecret(s, ctx.Err()) })
		return "", ctx.Err()
	case <-t.done:
		return "", ErrClosed
	}
}

func (t *screenTerminal) write(p []byte) { t.prints.write(p) }

func (t *screenTerminal) setStatus(s string) {
	t.do(func() { t.console.status, t.console.dirty = s, true })
}

// restore restores the modes without the loop, which may have panicked.
func (t *screenTerminal) restore() {
	if t.restored.Swap(true) {
		return
	}
	t.prints.close()
	t.queue.end(ErrClosed)
	t.tty.restore()
	t.tty.writeLast("\x1b[0m" + endFrame + pasteOff + "\r\n\x1b[J")
}

func (t *screenTerminal) close() error {
	t.once.Do(func() {
		t.queue.end(ErrClosed)
		t.prints.close()
		close(t.quit)
	})
	<-t.done
	return t.err
}

// How long shutDown waits for a terminal that does not read: shortDrain if only the prompt is to be erased, longDrain if output
// was not written yet.
const (
	shortDrain = 80 * time.Millisecond
	longDrain  = time.Second
)

// shutDown draws the last frames and restores the terminal.
func (t *screenTerminal) shutDown() {
	if t.keyboard != nil {
		t.keyboard.halt()
	}
	if t.stopEditor != nil {
		t.stopEditor()
		t.console.released = false
		t.console.resetView()
	}
	t.console.prepareLastFrame()
	timeout := shortDrain
	if !t.prints.empty() {
		timeout = longDrain
	}
	for blocked := false; !blocked && !t.console.released && (t.writing || t.console.dirty || !t.prints.empty()); {
		if !t.writing {
			t.send(time.Now())
		}
		blocked = !t.awaitWriter(timeout)
	}
	close(t.frames)
	t.restored.Store(true)
	t.err = t.tty.restore()
}

// awaitWriter waits until the writer is idle, and reports whether it is.
func (t *screenTerminal) awaitWriter(timeout time.Duration) bool {
	if !t.writing {
		return true
	}
	select {
	case w := <-t.wrote:
		t.written(w)
		return w.err == nil
	case <-time.After(timeout):
		return false
	}
}
