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
	c := &chatClient{program: exec.Command(program, "--quiet", "--wait", "-1", chat)}
	received, err := c.program.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.line, err = c.program.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.program.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(received).ReadString('\n'); err != nil {
		c.close()
		return nil, fmt.Errorf("the other client of the chat received nothing: %w", err)
	}
	return c, nil
}

func (c *chatClient) send(text string) { fmt.Fprintln(c.line, text) }

func (c *chatClient) close() {
	c.program.Process.Kill()
	c.program.Wait()
}
