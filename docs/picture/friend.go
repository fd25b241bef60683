//go:build linux || darwin

package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
)

// friend is somebody else in the chat, without a terminal.
type friend struct {
	program *exec.Cmd
	line    io.Writer
}

// join returns when the chat has welcomed the friend.
func join(program, chat string) (*friend, error) {
	f := &friend{program: exec.Command(program, "--quiet", "--wait", "-1", chat)}
	hears, err := f.program.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if f.line, err = f.program.StdinPipe(); err != nil {
		return nil, err
	}
	if err := f.program.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(hears).ReadString('\n'); err != nil {
		f.leave()
		return nil, fmt.Errorf("a friend hears nothing in the chat: %w", err)
	}
	return f, nil
}

func (f *friend) says(text string) {
	if text != "" {
		fmt.Fprintln(f.line, text)
	}
}

func (f *friend) leave() {
	f.program.Process.Kill()
	f.program.Wait()
}
