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

// screenTerminal is a terminal that draws. One goroutine, the loop, owns the console; a second reads keys, a third
// writes frames, so that neither a silent keyboard nor a slow terminal stops the loop.
type screenTerminal struct {
	tty       *tty
	prints    *printBuffer
	queue     *queue
	calls     chan func() // functions for the loop to call
	frames    chan []byte
	wrote     chan wrote
	quit      chan struct{}
	done      chan struct{} // the loop has ended
	once      sync.Once
	restored  atomic.Bool // nothing is written any more
	err       error       // of giving the terminal back; valid after done
	editor    []string
	interrupt func() bool
	external  sync.Mutex // held while another program or function has the terminal

	// The loop's own.
	console     console
	keyboard    *keyboard
	rest        []byte // typed before the terminal was released
	composing   func() // ends $EDITOR and waits for it; nil when it does not run
	signals     <-chan os.Signal
	buf         []byte
	writing     bool
	writeFailed bool
	contPending bool      // the SIGCONT of the last Ctrl-Z has not arrived yet
	waiting     time.Time // since when a sequence waits for its end
}

// wrote is the result of writing a frame.
type wrote struct {
	n    int
	took time.Duration
	err  error
}

// maxAhead is how many lines may be typed ahead of ReadLine; then the keyboard waits.
const maxAhead = 10_000

func openScreen(c Config) (*screenTerminal, error) {
	tty, err := openTTY(c.In, c.Out)
	if err != nil {
		return nil, err
	}
	f := &screenTerminal{
		tty: tty, prints: newPrintBuffer(c.MaxAhead), queue: newQueue(),
		calls: make(chan func()), frames: make(chan []byte, 1), wrote: make(chan wrote, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
		editor: c.Editor, interrupt: c.Interrupt,
	}
	f.console = newConsole(c, f.prints)
	f.console.screen.resize(tty.size())
	if f.keyboard, err = startKeyboard(c.In); err != nil {
		tty.restore()
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	signals, stop := watchSignals()
	f.signals = signals
	go f.output(c.Out)
	go func() {
		defer stop()
		f.loop()
	}()
	return f, nil
}

// output writes frames until there are no more.
func (f *screenTerminal) output(out io.Writer) {
	for frame := range f.frames {
		if f.restored.Load() {
			f.wrote <- wrote{}
			continue
		}
		began := time.Now()
		n, err := out.Write(frame)
		f.wrote <- wrote{n, time.Since(began), err}
	}
}

// loop is the one owner of the console: it waits for the next event and draws when it is time.
func (f *screenTerminal) loop() {
	defer close(f.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(f.draw())
		typed, drained := f.keySource()
		select {
		case p, ok := <-typed:
			f.input(p, ok)
		case call := <-f.calls:
			call()
		case w := <-f.wrote:
			f.written(w)
		case s := <-f.signals:
			f.signal(s)
		case <-timer.C:
			f.expire()
		case <-f.prints.wake:
		case <-drained:
		case <-f.quit:
			f.shutDown()
			return
		}
	}
}

// keySource returns the channel of typed bytes: nil while the terminal is released, or while maxAhead lines wait for ReadLine.
func (f *screenTerminal) keySource() (typed <-chan []byte, drained <-chan struct{}) {
	switch {
	case f.keyboard == nil:
		return nil, nil
	case f.queue.len() > maxAhead:
		return nil, f.queue.drained
	}
	return f.keyboard.typed, nil
}

// draw hands a frame to the writer when one is due and the writer is idle, and returns how long the loop may sleep.
func (f *screenTerminal) draw() time.Duration {
	now := time.Now()
	sleep := time.Hour
	if f.console.decoder.waiting() {
		sleep = f.console.decoder.patience() - now.Sub(f.waiting)
	}
	wait, ok := f.console.due(now)
	if !ok || f.writing {
		return sleep
	}
	if wait > 0 {
		return min(sleep, wait)
	}
	f.send(now)
	return sleep
}

// send hands the next frame to the writer, drawn for the size that the screen has now.
func (f *screenTerminal) send(now time.Time) {
	f.console.screen.resize(f.tty.size())
	if f.buf = f.console.frame(f.buf[:0], now); len(f.buf) > 0 {
		f.console.pace.drew(time.Since(now))
		f.frames <- f.buf
		f.writing = true
	}
}

func (f *screenTerminal) written(w wrote) {
	f.writing = false
	f.console.pace.wrote(w.n, w.took)
	if w.err != nil {
		f.fail(fmt.Errorf("write to the terminal: %w", w.err))
	}
}

// fail ends all input and output: the terminal was closed, or cannot be written. Print does not wait any more.
func (f *screenTerminal) fail(err error) {
	f.writeFailed = true
	f.queue.end(err)
	f.prints.close()
	f.restored.Store(true)
}

// input handles what was read from the keyboard.
func (f *screenTerminal) input(p []byte, ok bool) {
	if !ok {
		f.keyboard.halt()
		f.keyboard = nil
		f.queue.end(io.EOF)
		f.console.cancelSecret(nil, io.EOF)
		return
	}
	f.waiting = time.Now()
	f.console.input(p)
	f.press()
}

// expire ends a sequence that has waited long enough.
func (f *screenTerminal) expire() {
	if d := &f.console.decoder; d.waiting() && time.Since(f.waiting) >= d.patience() {
		f.console.timeout()
		f.press()
	}
}

// press runs the commands of the keys. While the terminal is released, the keys that are left wait.
func (f *screenTerminal) press() {
	for more := true; more && !f.console.released; {
		f.console.readers = f.queue.waiting()
		did := f.console.press()
		more = did != proceed
		f.deliver(f.console.takeSubmitted())
		switch did {
		case suspend:
			f.stop()
		case compose:
			f.compose()
		}
	}
}

// deliver queues what was submitted for ReadLine.
func (f *screenTerminal) deliver(all []submission) {
	for _, s := range all {
		if s.err == ErrInterrupt {
			f.interrupted(s)
			continue
		}
		f.queue.add(s)
	}
}

// interrupted puts what was typed ahead back to the prompt, and hands over the interrupt unless what runs was cancelled.
func (f *screenTerminal) interrupted(s submission) {
	waits := f.queue.waiting() > 0
	f.console.takeBack(f.queue.takeBack())
	if waits || f.interrupt == nil || !f.interrupt() {
		f.queue.add(s)
	}
}

// do has the loop call a function, without waiting for its end.
func (f *screenTerminal) do(call func()) {
	select {
	case f.calls <- call:
	case <-f.done:
	}
}

func (f *screenTerminal) readLine(ctx context.Context) (string, error) {
	f.do(func() {
		if !f.console.active {
			f.console.active, f.console.dirty = true, true
		}
	})
	s, err := f.queue.next(ctx)
	if s.queued != nil {
		printed := make(chan struct{})
		f.do(func() {
			f.console.printQueued(s.queued)
			close(printed)
		})
		select {
		case <-printed:
		case <-f.done:
		}
	}
	return s.line, err
}

func (f *screenTerminal) unread(line string) {
	f.do(func() { f.console.unread(line, unfoldBytes) })
}

func (f *screenTerminal) readSecret(ctx context.Context, prompt string) (string, error) {
	s := newSecret(prompt)
	f.do(func() { f.console.startSecret(s) })
	select {
	case a := <-s.answer:
		return a.line, a.err
	case <-ctx.Done():
		f.do(func() { f.console.cancelSecret(s, ctx.Err()) })
		return "", ctx.Err()
	case <-f.done:
		return "", ErrClosed
	}
}

func (f *screenTerminal) print(p []byte) { f.prints.put(p) }
func (f *screenTerminal) write(p []byte) { f.prints.write(p) }

func (f *screenTerminal) setPrompt(s string) {
	f.do(func() { f.console.setPrompt(s) })
}

func (f *screenTerminal) setStatus(s string) {
	f.do(func() { f.console.status, f.console.dirty = s, true })
}

func (f *screenTerminal) size() (width, height int) {
	if width, height = f.tty.size(); width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// restore restores the modes without the loop, which may have failed.
func (f *screenTerminal) restore() {
	if f.restored.Swap(true) {
		return
	}
	f.prints.close()
	f.queue.end(ErrClosed)
	f.tty.restore()
	f.tty.writeLast("\x1b[0m" + endFrame + pasteOff + "\r\n\x1b[J")
}

func (f *screenTerminal) close() error {
	f.once.Do(func() {
		f.queue.end(ErrClosed)
		f.prints.close()
		close(f.quit)
	})
	<-f.done
	return f.err
}

// suspend releases the terminal while a function runs.
func (f *screenTerminal) suspend(call func() error) error {
	f.external.Lock()
	defer f.external.Unlock()
	released := make(chan struct{})
	f.do(func() {
		f.release()
		close(released)
	})
	select {
	case <-released:
	case <-f.done:
		return ErrClosed
	}
	defer f.reacquire()
	return call()
}

// reacquire resumes, or, when the terminal was closed while it was released, prints what has waited since.
func (f *screenTerminal) reacquire() {
	f.do(f.resume)
	select {
	case <-f.done:
		for !f.prints.empty() && !f.writeFailed {
			f.tty.out.Write(f.console.transcribe(nil, time.Now()))
		}
	default:
	}
}

// release leaves the terminal to another program: no view is below the transcript, the modes are as they were found.
func (f *screenTerminal) release() {
	if f.keyboard != nil {
		f.rest = append(f.rest, f.keyboard.halt()...)
		f.keyboard = nil
	}
	f.console.released = true
	if f.awaitWriter(longDrain) {
		f.send(time.Now())
		f.awaitWriter(longDrain)
	}
	f.tty.restore()
}

// resume makes the terminal raw again and reads what was typed before it was released.
func (f *screenTerminal) resume() {
	f.console.released = false
	keyboard, err := startKeyboard(f.tty.in)
	if err != nil {
		f.fail(fmt.Errorf("read the terminal: %w", err))
		return
	}
	f.keyboard = keyboard
	f.makeRaw()
	f.console.input(f.rest)
	f.rest = nil
	f.press()
}

// makeRaw makes the terminal raw again. The view that was drawn is not there any more.
func (f *screenTerminal) makeRaw() {
	if f.restored.Load() {
		return
	}
	if err := f.tty.makeRaw(); err != nil {
		f.fail(err)
		return
	}
	f.console.begin()
}

// How long shutDown waits for a terminal that reads nothing: short when only the prompt is to be erased, longer when messages
// were not written yet.
const (
	shortDrain = 80 * time.Millisecond
	longDrain  = time.Second
)

// shutDown draws the last frames and leaves the terminal as it was found.
func (f *screenTerminal) shutDown() {
	if f.keyboard != nil {
		f.keyboard.halt()
	}
	if f.composing != nil {
		f.composing()
		f.console.released = false
		f.console.begin()
	}
	f.console.finish()
	patience := shortDrain
	if !f.prints.empty() {
		patience = longDrain
	}
	for stuck := false; !stuck && !f.console.released && (f.writing || f.console.dirty || !f.prints.empty()); {
		if !f.writing {
			f.send(time.Now())
		}
		stuck = !f.awaitWriter(patience)
	}
	close(f.frames)
	f.restored.Store(true)
	f.err = f.tty.restore()
}

// awaitWriter waits until the writer is idle, and reports whether it is.
func (f *screenTerminal) awaitWriter(patience time.Duration) bool {
	if !f.writing {
		return true
	}
	select {
	case w := <-f.wrote:
		f.written(w)
		return w.err == nil
	case <-time.After(patience):
		return false
	}
}
