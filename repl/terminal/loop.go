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

// full is a terminal with a screen of its own. One goroutine, the loop, owns the console; a second reads keys, a third
// writes frames, so that neither a silent keyboard nor a slow terminal stops the loop.
type full struct {
	tty      *tty
	outbox   *outbox
	queue    *queue
	calls    chan func() // what others ask the loop to do
	frames   chan []byte
	wrote    chan wrote
	quit     chan struct{}
	done     chan struct{} // the loop has ended
	once     sync.Once
	restored atomic.Bool // nothing is written any more
	err      error       // of giving the terminal back; valid after done

	// The loop's own.
	console  console
	keyboard *keyboard
	typed    <-chan []byte // the keyboard's, or nil while nobody may type
	signals  <-chan os.Signal
	buf      []byte
	writing  bool
	waiting  time.Time // since when a sequence waits for its end
}

// wrote is what became of a frame.
type wrote struct {
	n    int
	took time.Duration
	err  error
}

// maxAhead is how many lines may be typed ahead of who reads them; then the keyboard waits.
const maxAhead = 10_000

func openFull(c Config) (*full, error) {
	tty, err := openTTY(c.In, c.Out)
	if err != nil {
		return nil, err
	}
	f := &full{
		tty: tty, outbox: newOutbox(c.MaxAhead), queue: newQueue(),
		calls: make(chan func()), frames: make(chan []byte, 1), wrote: make(chan wrote, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	f.console = newConsole(c, f.outbox)
	f.console.screen.resize(tty.size())
	if f.keyboard, err = startKeyboard(c.In); err != nil {
		tty.leave()
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	f.typed = f.keyboard.typed
	signals, stop := watchSignals()
	f.signals = signals
	go f.write(c.Out)
	go func() {
		defer stop()
		f.loop()
	}()
	return f, nil
}

// write writes frames until there are no more.
func (f *full) write(out io.Writer) {
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

// loop is the one owner of the console: it waits for whatever comes next and draws when it is time.
func (f *full) loop() {
	defer close(f.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(f.draw())
		typed, drained := f.typed, (<-chan struct{})(nil)
		if f.queue.len() > maxAhead {
			typed, drained = nil, f.queue.drained
		}
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
		case <-f.outbox.wake:
		case <-drained:
		case <-f.quit:
			f.finish()
			return
		}
	}
}

// draw hands a frame to the writer when one is due and the writer is idle, and returns how long the loop may sleep.
func (f *full) draw() time.Duration {
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
func (f *full) send(now time.Time) {
	f.console.screen.resize(f.tty.size())
	f.buf = f.console.frame(f.buf[:0], now)
	f.frames <- f.buf
	f.writing = true
}

func (f *full) written(w wrote) {
	f.writing = false
	f.console.pace.wrote(w.n, w.took)
	if w.err != nil {
		f.lost(fmt.Errorf("write to the terminal: %w", w.err))
	}
}

// lost ends the conversation: the terminal is gone, or cannot be written. Who prints must not wait for it.
func (f *full) lost(err error) {
	f.queue.end(err)
	f.outbox.close()
	f.restored.Store(true)
}

// input takes what the keyboard brought.
func (f *full) input(p []byte, ok bool) {
	if !ok {
		f.typed = nil
		f.queue.end(io.EOF)
		return
	}
	f.handle(f.console.input(p))
}

// expire ends a sequence that has waited long enough.
func (f *full) expire() {
	if d := &f.console.decoder; d.waiting() && time.Since(f.waiting) >= d.patience() {
		f.handle(f.console.timeout())
	}
}

// handle sees to what keys have asked for.
func (f *full) handle(requests []request) {
	f.waiting = time.Now()
	f.queue.add(f.console.take())
	for _, r := range requests {
		switch r {
		case suspend:
			f.suspend()
		}
	}
}

// do has the loop call a function. It does not wait for it.
func (f *full) do(call func()) {
	select {
	case f.calls <- call:
	case <-f.done:
	}
}

func (f *full) readLine(ctx context.Context) (string, error) {
	f.do(func() {
		if !f.console.active {
			f.console.active, f.console.dirty = true, true
		}
	})
	return f.queue.next(ctx)
}

func (f *full) print(p []byte) { f.outbox.put(p) }

func (f *full) setPrompt(s string) {
	f.do(func() { f.console.setPrompt(s) })
}

func (f *full) setStatus(s string) {
	f.do(func() { f.console.status, f.console.dirty = s, true })
}

func (f *full) size() (width, height int) { return f.tty.size() }

// restore gives the terminal back without asking the loop, which may be what has failed.
func (f *full) restore() {
	if f.restored.Swap(true) {
		return
	}
	f.outbox.close()
	f.queue.end(ErrClosed)
	f.tty.leave()
	f.tty.farewell("\x1b[0m" + endFrame + pasteOff + "\r\n\x1b[J")
}

func (f *full) close() error {
	f.once.Do(func() {
		f.queue.end(ErrClosed)
		f.outbox.close()
		close(f.quit)
	})
	<-f.done
	return f.err
}

// giveAway leaves the terminal to somebody else: nothing of ours is below the transcript, its modes are as they were found.
func (f *full) giveAway() {
	active, status := f.console.active, f.console.status
	f.console.active, f.console.status, f.console.dirty = false, "", true
	if f.settle(longFarewell) {
		f.send(time.Now())
		f.settle(longFarewell)
	}
	f.console.active, f.console.status, f.console.dirty = active, status, true
	f.tty.leave()
}

// How long a terminal may take none of our bytes before we leave without its having taken all: short when only the prompt
// is to be erased, longer when there are messages nobody has seen.
const (
	shortFarewell = 80 * time.Millisecond
	longFarewell  = time.Second
)

// finish leaves the terminal as it was found.
func (f *full) finish() {
	f.keyboard.halt()
	f.console.leave()
	patience := shortFarewell
	if !f.outbox.empty() {
		patience = longFarewell
	}
	for stuck := false; !stuck && (f.writing || f.console.dirty || !f.outbox.empty()); {
		if !f.writing {
			f.send(time.Now())
		}
		stuck = !f.settle(patience)
	}
	close(f.frames)
	f.restored.Store(true)
	f.err = f.tty.leave()
}

// settle waits until the writer is idle, and says whether it is.
func (f *full) settle(patience time.Duration) bool {
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
