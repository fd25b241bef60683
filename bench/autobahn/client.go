package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// client is the command under test; {url} in it stands for the address of a case.
type client []string

// newClient splits a command at blanks. Without {url} the address comes last.
func newClient(command string) client {
	c := client(strings.Fields(command))
	if !strings.Contains(command, "{url}") {
		c = append(c, "{url}")
	}
	return c
}

// buildWsx builds the program of this repository into a folder, and returns the client it makes.
func buildWsx(ctx context.Context, folder string) (client, error) {
	path := folder + "/wsx"
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "wsx/cmd/wsx").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("build wsx: %w\n%s", err, out)
	}
	return client{path, "--echo", "{url}"}, nil
}

// start runs the client on a case. How it ended is sent when it has: "" or its exit code and last words.
func (c client) start(ctx context.Context, url string) <-chan string {
	args := make([]string, len(c))
	for i, arg := range c {
		args[i] = strings.ReplaceAll(arg, "{url}", url)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	ended := make(chan string, 1)
	go func() { ended <- describe(cmd.Run(), &complaint) }()
	return ended
}

func describe(err error, complaint *bytes.Buffer) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &exit):
		return "client: " + exit.String() + ": " + lastWords(complaint)
	default:
		return err.Error()
	}
}

// lastWords is the end of what a process complained of, in one line.
func lastWords(complaint *bytes.Buffer) string {
	all := strings.Join(strings.Fields(complaint.String()), " ")
	return all[max(0, len(all)-300):]
}
