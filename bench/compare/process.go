package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// process is a running contender.
type process struct {
	stdin  io.WriteCloser // a pipe, as is stdout
	stdout io.ReadCloser

	cmd    *exec.Cmd
	stderr bytes.Buffer
}

func startProcess(ctx context.Context, path string, args []string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, path, args...)}
	p.cmd.Stderr = &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// finish closes standard input, gives the process 3 seconds to close its connection, and returns the time and memory that it used. Its
// exit code does not matter after its work.
func (p *process) finish() usage {
	p.stdin.Close()
	timer := time.AfterFunc(3*time.Second, func() { p.cmd.Process.Kill() })
	defer timer.Stop()
	io.Copy(io.Discard, p.stdout)
	p.cmd.Wait()
	return usageOf(p.cmd.ProcessState)
}

// explain adds the end of the process's standard error to an error. The process has ended.
func (p *process) explain(err error) error {
	words := bytes.TrimSpace(p.stderr.Bytes())
	if len(words) == 0 {
		return fmt.Errorf("%w (%v)", err, p.cmd.ProcessState)
	}
	return fmt.Errorf("%w (%v: %s)", err, p.cmd.ProcessState, words[max(0, len(words)-300):])
}
