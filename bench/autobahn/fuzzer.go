package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strconv"
	"time"
)

var (
	//go:embed fuzzing_server.py
	fuzzingServer string
	//go:embed fuzzing_client.py
	fuzzingClient string
)

// fuzzer is a process of the suite that runs one case after the other: a fuzzing server, to which the client under test
// connects, or a fuzzing client, which connects to the server under test.
type fuzzer struct {
	agent    string       // the client's name in the verdicts
	port     int          // of a fuzzing server, on 127.0.0.1
	cases    []string     // all cases of the suite
	verdicts chan verdict // closed when the process has ended

	cmd   *exec.Cmd
	stdin io.WriteCloser // a fuzzing client reads its cases from it; closing it ends the process
}

// startFuzzer runs a script of the suite and returns when it is ready.
func startFuzzer(ctx context.Context, p python, agent, script string, args ...string) (*fuzzer, error) {
	cmd := p.command(ctx, append([]string{"-u", "-c", script}, args...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	f := &fuzzer{agent: agent, cmd: cmd, stdin: stdin, verdicts: make(chan verdict, 1)}
	lines := bufio.NewReader(stdout)
	if err := f.readFirstLine(lines); err != nil {
		stdin.Close()
		cmd.Wait()
		return nil, fmt.Errorf("start the suite: %w\n%s", err, &stderr)
	}
	go f.readVerdicts(lines)
	return f, nil
}

// readFirstLine reads the port or the cases that the script prints first.
func (f *fuzzer) readFirstLine(lines *bufio.Reader) error {
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	var first struct {
		Port  int
		Cases []string
	}
	if err := json.Unmarshal(line, &first); err != nil {
		return err
	}
	f.port, f.cases = first.Port, first.Cases
	return nil
}

// readVerdicts sends each verdict to the channel until the process ends.
func (f *fuzzer) readVerdicts(lines *bufio.Reader) {
	defer close(f.verdicts)
	decoder := json.NewDecoder(lines)
	for {
		var v verdict
		if decoder.Decode(&v) != nil {
			return
		}
		f.verdicts <- v
	}
}

// caseURL returns the address to which a client connects for a case.
func (f *fuzzer) caseURL(name string) string {
	query := url.Values{"casetuple": {name}, "agent": {f.agent}}
	return "ws://127.0.0.1:" + strconv.Itoa(f.port) + "/runCase?" + query.Encode()
}

// stop waits until the process has written its reports and ended.
func (f *fuzzer) stop() error {
	f.stdin.Close()
	timer := time.AfterFunc(5*time.Minute, func() { f.cmd.Process.Kill() })
	defer timer.Stop()
	for range f.verdicts { // receives late verdicts, so that readVerdicts can end
	}
	return f.cmd.Wait()
}
