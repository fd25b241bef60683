//go:build linux || darwin

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

const (
	columns  = 80
	rows     = 44
	patience = 20 * time.Second // for something to appear; long, so that no slow machine fails
)

// person sits at a terminal with a shell.
type person struct {
	shell    *exec.Cmd
	keyboard *os.File // the other end of the terminal

	mu     sync.Mutex // guards the fields below
	screen strings.Builder
	looked int           // how much of it was looked at
	grown  chan struct{} // gets a signal whenever the screen grows, and is closed at its end
}

// sit starts a shell that finds wsx at home, and nothing of whoever draws the picture.
func sit(home string) (*person, error) {
	p := &person{shell: exec.Command("sh", "-i"), grown: make(chan struct{}, 1)}
	p.shell.Dir = home
	p.shell.Env = []string{"PATH=" + home, "HOME=" + home, "TERM=xterm-256color", "PS1=$ "}
	keyboard, err := pty.StartWithSize(p.shell, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, err
	}
	p.keyboard = keyboard
	go p.watch() // ended by leave
	return p, nil
}

func (p *person) watch() {
	defer close(p.grown)
	buffer := make([]byte, 4096)
	for {
		n, err := p.keyboard.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.screen.Write(buffer[:n])
		p.mu.Unlock()
		select {
		case p.grown <- struct{}{}:
		default:
		}
	}
}

// written is all that was written to the terminal so far.
func (p *person) written() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.String()
}

func (p *person) types(keys string) { p.keyboard.WriteString(keys) }

// sees waits until a text appears behind what was seen before.
func (p *person) sees(text string) error {
	limit := time.After(patience)
	for {
		written := p.written()
		if at := strings.Index(written[p.looked:], text); at >= 0 {
			p.looked += at + len(text)
			return nil
		}
		select {
		case _, more := <-p.grown:
			if more {
				continue
			}
		case <-limit:
		}
		return fmt.Errorf("%q does not appear in %q", text, written[p.looked:])
	}
}

// leave ends the shell and all that it started, as a terminal does whose window is closed.
func (p *person) leave() {
	syscall.Kill(-p.shell.Process.Pid, syscall.SIGHUP)
	p.keyboard.Close()
	p.shell.Wait()
}
