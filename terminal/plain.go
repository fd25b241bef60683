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
// printed while a line is being typed is shown on rows of its own, with the prompt below it.
type plainTerminal struct {
	out      io.Writer
	inFd     int
	queue    *queue
	keyboard *keyboard
	done     chan struct{} // nothing is read any more
	once     sync.Once
	echo     atomic.Pointer[func()] // lets the terminal echo again; nil = it does

	mu      sync.Mutex // guards the fields below
	prompt  string
	shown   bool // the prompt stands on the last row
	active  bool
	closed  bool
	midLine bool // what was written last ends within a line
}

func openPlain(c Config) (*plainTerminal, error) {
	keyboard, err := startKeyboard(c.In)
	if err != nil {
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	p := &plainTerminal{
		out: c.Out, inFd: int(c.In.Fd()), queue: newQueue(), keyboard: keyboard,
		done: make(chan struct{}), prompt: sanitize(c.Prompt),
	}
	go p.read()
	return p, nil
}

// read splits what is typed into lines.
func (p *plainTerminal) read() {
	defer close(p.done)
	var half []byte
	for {
		select {
		case typed, ok := <-p.keyboard.typed:
			if !ok {
				p.queue.end(io.EOF)
				return
			}
			half = p.lines(append(half, typed...))
		case <-p.keyboard.stop:
			return
		}
	}
}

// lines queues whole lines, and returns the rest.
func (p *plainTerminal) lines(text []byte) []byte {
	for {
		line, rest, ok := strings.Cut(string(text), "\n")
		if !ok {
			return text
		}
		p.mu.Lock()
		p.shown = false
		p.mu.Unlock()
		p.queue.add(submission{line: strings.TrimSuffix(line, "\r")})
		text = []byte(rest)
	}
}

func (p *plainTerminal) readLine(ctx context.Context) (string, error) {
	p.mu.Lock()
	p.active = true
	p.showPrompt()
	p.mu.Unlock()
	s, err := p.queue.next(ctx)
	return s.line, err
}

// readSecret reads a line that the terminal does not echo.
func (p *plainTerminal) readSecret(ctx context.Context, prompt string) (string, error) {
	p.mu.Lock()
	p.freshRow()
	io.WriteString(p.out, sanitize(prompt))
	p.shown, p.prompt, prompt = true, sanitize(prompt), p.prompt
	p.mu.Unlock()
	echo, err := disableEcho(p.inFd)
	if err != nil {
		return "", err
	}
	p.echo.Store(&echo)
	defer func() {
		p.restore()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.prompt, p.shown = prompt, false
		io.WriteString(p.out, "\n")
	}()
	s, err := p.queue.next(ctx)
	return s.line, err
}

// suspend calls a function that uses the terminal.
func (p *plainTerminal) suspend(call func() error) error {
	p.mu.Lock()
	p.freshRow()
	p.mu.Unlock()
	return call()
}

// showPrompt shows the prompt if a line is being read and it is not shown.
func (p *plainTerminal) showPrompt() {
	if p.active && !p.shown && !p.midLine && !p.closed && p.queue.len() == 0 {
		io.WriteString(p.out, p.prompt)
		p.shown = true
	}
}

func (p *plainTerminal) write(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeLocked(b)
}

// writeLocked writes text. If that ends in the middle of a line, the prompt is not shown until the line ends. The mutex is
// held.
func (p *plainTerminal) writeLocked(b []byte) {
	if p.closed || len(b) == 0 {
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
	p.mu.Lock()
	defer p.mu.Unlock()
	line = sanitize(line) + "\n"
	if p.midLine {
		line = "\n" + line
	}
	p.writeLocked([]byte(line))
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
		p.keyboard.halt()
		p.restore()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.freshRow()
		p.closed = true
	})
	return nil
}
