package terminal

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
)

// plainTerminal is a terminal in canonical mode, which edits lines itself and gets no escape sequences. A message that is
// printed while a line is being typed is shown on rows of its own, with the prompt below it. One goroutine, the loop, writes to the
// terminal; a second reads keys.
type plainTerminal struct {
	inFd     int
	queue    *queue
	keyboard *keyboard
	calls    chan func()   // functions for the loop to call
	done     chan struct{} // the loop has ended
	once     sync.Once
	echo     atomic.Pointer[func()] // lets the terminal echo again; nil = it does

	// The loop's own.
	out     io.Writer
	half    []byte // what was typed last, without the end of its line
	prompt  string
	shown   bool // the prompt stands on the last row
	active  bool
	midLine bool // what was written last ends within a line
}

func openPlain(c Config) (*plainTerminal, error) {
	keyboard, err := startKeyboard(c.In)
	if err != nil {
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	p := &plainTerminal{
		out: c.Out, inFd: int(c.In.Fd()), queue: newQueue(), keyboard: keyboard,
		calls: make(chan func()), done: make(chan struct{}), prompt: sanitize(c.Prompt),
	}
	go p.loop()
	return p, nil
}

// loop splits what is typed into lines, and writes.
func (p *plainTerminal) loop() {
	defer close(p.done)
	typed := p.keyboard.typed
	for {
		select {
		case text, ok := <-typed:
			if !ok {
				p.queue.end(io.EOF)
				typed = nil
				continue
			}
			p.half = p.lines(append(p.half, text...))
		case call := <-p.calls:
			call()
		case <-p.keyboard.stop:
			return
		}
	}
}

// await makes the loop call a function, unless it has ended, and waits for its end.
func (p *plainTerminal) await(call func()) {
	called := make(chan struct{})
	select {
	case p.calls <- func() { call(); close(called) }:
		<-called
	case <-p.done:
	}
}

// lines queues whole lines, and returns the rest.
func (p *plainTerminal) lines(text []byte) []byte {
	for {
		line, rest, ok := strings.Cut(string(text), "\n")
		if !ok {
			return text
		}
		p.shown = false
		p.queue.add(submission{line: strings.TrimSuffix(line, "\r")})
		text = []byte(rest)
	}
}

func (p *plainTerminal) readLine(ctx context.Context) (string, error) {
	p.await(func() {
		p.active = true
		p.showPrompt()
	})
	s, err := p.queue.next(ctx)
	return s.line, err
}

// readSecret reads a line that the terminal does not echo.
func (p *plainTerminal) readSecret(ctx context.Context, prompt string) (string, error) {
	p.await(func() {
		p.freshRow()
		io.WriteString(p.out, sanitize(prompt))
		p.shown, p.prompt, prompt = true, sanitize(prompt), p.prompt
	})
	echo, err := disableEcho(p.inFd)
	if err != nil {
		return "", err
	}
	p.echo.Store(&echo)
	defer func() {
		p.restore()
		p.await(func() {
			p.prompt, p.shown = prompt, false
			io.WriteString(p.out, "\n")
		})
	}()
	s, err := p.queue.next(ctx)
	return s.line, err
}

// suspend calls a function that uses the terminal.
func (p *plainTerminal) suspend(call func() error) error {
	p.await(p.freshRow)
	return call()
}

// showPrompt shows the prompt if a line is being read and it is not shown.
func (p *plainTerminal) showPrompt() {
	if p.active && !p.shown && !p.midLine && p.queue.len() == 0 {
		io.WriteString(p.out, p.prompt)
		p.shown = true
	}
}

func (p *plainTerminal) write(b []byte) { p.await(func() { p.writeText(b) }) }

// writeText writes text. If that ends in the middle of a line, the prompt is not shown until the line ends.
func (p *plainTerminal) writeText(b []byte) {
	if len(b) == 0 {
		return
	}
	p.freshRow()
	p.out.Write(b)
	p.midLine = b[len(b)-1] != '\n'
	p.showPrompt()
}

// freshRow moves to a new row if the prompt is on the last one.
func (p *plainTerminal) freshRow() {
	if p.shown {
		io.WriteString(p.out, "\n")
		p.shown = false
	}
}

// unread prints the line, since text cannot be inserted into the input of a terminal in canonical mode.
func (p *plainTerminal) unread(line string) {
	line = sanitize(line) + "\n"
	p.await(func() {
		if p.midLine {
			line = "\n" + line
		}
		p.writeText([]byte(line))
	})
}

// setStatus does nothing: there is no status row.
func (p *plainTerminal) setStatus(string) {}

// restore turns echo on again if it is off.
func (p *plainTerminal) restore() {
	if echo := p.echo.Swap(nil); echo != nil {
		(*echo)()
	}
}

func (p *plainTerminal) close() error {
	p.once.Do(func() {
		p.queue.end(ErrClosed)
		p.await(p.freshRow)
		p.keyboard.halt()
		p.restore()
	})
	return nil
}
