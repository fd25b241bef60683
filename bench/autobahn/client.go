package main

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
)

// client is the command under test; {url} in it stands for the address of a case.
type client []string

// newClient splits a command at spaces. Without {url}, the address is appended.
func newClient(command string) client {
	c := client(strings.Fields(command))
	if !strings.Contains(command, "{url}") {
		c = append(c, "{url}")
	}
	return c
}

// start runs the client on a case. The channel receives how it ended: "", or its exit code and the end of its standard error.
func (c client) start(ctx context.Context, url string) <-chan string {
	args := make([]string, len(c))
	for i, arg := range c {
		args[i] = strings.ReplaceAll(arg, "{url}", url)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	ended := make(chan string, 1)
	go func() { ended <- describe(cmd.Run(), &stderr) }()
	return ended
}

func describe(err error, stderr *bytes.Buffer) string {
	if err == nil {
		return ""
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return err.Error()
	}
	line := strings.Join(strings.Fields(stderr.String()), " ")
	return "client: " + exit.String() + ": " + line[max(0, len(line)-300):]
}
