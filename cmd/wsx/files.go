package main

import (
	"context"
	"io"
	"os"
	"strings"
)

// awaitFiles returns what read returns, which reads files of the command line; or the cause of the end of ctx, since to open a
// FIFO waits for its other end.
func awaitFiles[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		content T
		err     error
	}
	done := make(chan result, 1)
	go func() { // ended when the files are read
		content, err := read()
		done <- result{content, err}
	}()
	select {
	case r := <-done:
		return r.content, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// valueOrFile returns the value of a flag, or after @ the content of a file, which keeps a secret out of the process list.
func valueOrFile(value string) (string, error) {
	name, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return value, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

// canWrite returns an error if a file cannot be written, and creates it if it does not exist. A run whose result is written to it
// afterwards would be lost. Names that are empty, and pipes, are not tried.
func canWrite(paths ...string) error {
	for _, path := range paths {
		if info, err := os.Stat(path); path == "" || err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			continue
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
		if err != nil {
			return err
		}
		file.Close()
	}
	return nil
}

// writeFile writes a file.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
