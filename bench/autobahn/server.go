package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strconv"
	"time"
)

// server is one fuzzing server, a process that judges one case after the other.
type server struct {
	agent    string       // the name under which the client's verdicts are filed
	port     int          // on 127.0.0.1
	cases    []string     // all that the suite has
	verdicts chan verdict // closed when the process has ended

	cmd   *exec.Cmd
	stdin io.Closer // the server ends when this does
}

// startServer returns when the server listens. Reports go to the folder reports; "" = none are written.
func startServer(ctx context.Context, p python, agent, reports string) (*server, error) {
	args := []string{"-u", "-c", fuzzer}
	if reports != "" {
		args = append(args, reports)
	}
	cmd := p.command(ctx, args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{agent: agent, cmd: cmd, stdin: stdin, verdicts: make(chan verdict, 1)}
	lines := bufio.NewReader(stdout)
	if err := s.greet(lines); err != nil {
		stdin.Close()
		cmd.Wait()
		return nil, fmt.Errorf("start the fuzzing server: %w\n%s", err, &complaint)
	}
	go s.listen(lines)
	return s, nil
}

// greet reads the server's first line.
func (s *server) greet(lines *bufio.Reader) error {
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	var greeting struct {
		Port  int
		Cases []string
	}
	if err := json.Unmarshal(line, &greeting); err != nil {
		return err
	}
	s.port, s.cases = greeting.Port, greeting.Cases
	return nil
}

// listen hands on each verdict until the process ends.
func (s *server) listen(lines *bufio.Reader) {
	defer close(s.verdicts)
	decoder := json.NewDecoder(lines)
	for {
		var v verdict
		if decoder.Decode(&v) != nil {
			return
		}
		s.verdicts <- v
	}
}

// caseURL is where a client meets a case.
func (s *server) caseURL(name string) string {
	query := url.Values{"casetuple": {name}, "agent": {s.agent}}
	return "ws://127.0.0.1:" + strconv.Itoa(s.port) + "/runCase?" + query.Encode()
}

// stop lets the server write its reports, and ends it.
func (s *server) stop() error {
	s.stdin.Close()
	overdue := time.AfterFunc(5*time.Minute, func() { s.cmd.Process.Kill() })
	defer overdue.Stop()
	for range s.verdicts { // late ones, so that listen can end
	}
	return s.cmd.Wait()
}
