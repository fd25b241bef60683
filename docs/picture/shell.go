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
	columns     = 80
	rows        = 44
	waitTimeout = 20 * time.Second // for something to appear; long, so that no slow machine fails
)

// shellSession is a shell at a terminal.
type shellSession struct {
	shell    *exec.Cmd
	keyboard *os.File // the other end of the terminal

	mu       sync.Mutex // guards the fields below
	screen   strings.Builder
	searched int           // how much of it was searched
	grown    chan struct{} // gets a signal whenever the screen grows, and is closed at its end
}

// startShell starts a shell that finds wsx in its home folder, and nothing else of this environment.
func startShell(home string) (*shellSession, error) {
	p := &shellSession{shell: exec.Command("sh", "-i"), grown: make(chan struct{}, 1)}
	p.shell.Dir = home
	p.shell.Env = []string{"PATH=" + home, "HOME=" + home, "TERM=xterm-256color", "PS1=$ "}
	keyboard, err := pty.StartWithSize(p.shell, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, err
	}
	p.keyboard = keyboard
	go p.watch() // ended by close
	return p, nil
}

func (p *shellSession) watch() {
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
func (p *shellSession) written() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.String()
}

func (p *shellSession) typeKeys(keys string) { p.keyboard.WriteString(keys) }

// waitFor waits until a text appears after the one waited for before.
func (p *shellSession) waitFor(text string) error {
	limit := time.After(waitTimeout)
	for {
		written := p.written()
		if at := strings.Index(written[p.searched:], text); at >= 0 {
			p.searched += at + len(text)
			return nil
		}
		select {
		case _, more := <-p.grown:
			if more {
				continue
			}
		case <-limit:
		}
		return fmt.Errorf("%q does not appear in %q", text, written[p.searched:])
	}
}

// close ends the shell and all that it started, as a terminal does whose window is closed.
func (p *shellSession) close() {
	syscall.Kill(-p.shell.Process.Pid, syscall.SIGHUP)
	p.shell.Process.Kill() // where a hangup is ignored, as below nohup
	p.keyboard.Close()
	p.shell.Wait()
}
