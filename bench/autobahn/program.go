package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
)

// buildWsx builds the program of this repository into a folder and returns its path.
func buildWsx(ctx context.Context, folder string) (string, error) {
	path := folder + "/wsx"
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "wsx/cmd/wsx").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build wsx: %w\n%s", err, out)
	}
	return path, nil
}

var address = regexp.MustCompile(`ws://\S+`)

// startServer starts "wsx serve echo" on a free port, which stop ends, and returns its address.
func startServer(ctx context.Context, wsx string) (url string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, wsx, "serve", "echo", "--addr", "127.0.0.1:0")
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		cmd.Process.Kill()
		cmd.Wait()
		writer.Close()
	}
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		if url := address.FindString(lines.Text()); url != "" {
			go io.Copy(io.Discard, reader) // ended by stop
			return url, stop, nil
		}
	}
	stop()
	return "", nil, fmt.Errorf("wsx serve printed no address: %v", lines.Err())
}
