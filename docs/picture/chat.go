//go:build linux || darwin

package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
)

// chatClient is another client of the chat, without a terminal.
type chatClient struct {
	program *exec.Cmd
	line    io.Writer
}

// join starts a client of the chat, and returns when it has received the chat's first message.
func join(program, chat string) (*chatClient, error) {
	f := &chatClient{program: exec.Command(program, "--quiet", "--wait", "-1", chat)}
	received, err := f.program.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if f.line, err = f.program.StdinPipe(); err != nil {
		return nil, err
	}
	if err := f.program.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(received).ReadString('\n'); err != nil {
		f.close()
		return nil, fmt.Errorf("the other client of the chat received nothing: %w", err)
	}
	return f, nil
}

func (f *chatClient) send(text string) {
	if text != "" {
		fmt.Fprintln(f.line, text)
	}
}

func (f *chatClient) close() {
	f.program.Process.Kill()
	f.program.Wait()
}
