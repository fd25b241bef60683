//go:build linux || darwin

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"

	"wsx/test/ptytest"
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
	output   *ptytest.Reader
	searched int // number of bytes of the output that waitFor has searched
}

// startShell starts a shell that finds wsx in its home folder, and nothing else of this environment.
func startShell(home string) (*shellSession, error) {
	s := &shellSession{shell: exec.Command("sh", "-i")}
	s.shell.Dir = home
	s.shell.Env = []string{"PATH=" + home, "HOME=" + home, "TERM=xterm-256color", "PS1=$ "}
	keyboard, err := pty.StartWithSize(s.shell, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, err
	}
	s.keyboard = keyboard
	s.output = ptytest.Read(keyboard, nil) // ended by close
	return s, nil
}

func (s *shellSession) typeKeys(keys string) { s.keyboard.WriteString(keys) }

// waitFor waits until a text appears after the one waited for before.
func (s *shellSession) waitFor(text string) error {
	at := -1
	s.output.Until(waitTimeout, func() bool {
		ended := s.output.Err() != nil // read before the text, which is complete then
		at = strings.Index(s.output.Text()[s.searched:], text)
		return at >= 0 || ended
	})
	if at < 0 {
		return fmt.Errorf("%q does not appear in %q", text, s.output.Text()[s.searched:])
	}
	s.searched += at + len(text)
	return nil
}

// close ends the shell and all that it started, as a terminal does whose window is closed.
func (s *shellSession) close() {
	syscall.Kill(-s.shell.Process.Pid, syscall.SIGHUP)
	s.shell.Process.Kill() // where a hangup is ignored, as below nohup
	s.keyboard.Close()
	s.shell.Wait()
}
