package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// peer is the server process.
type peer struct {
	addresses struct{ WS, WSS string }
	reports   chan report // closed when the process has ended

	cmd   *exec.Cmd
	stdin io.Closer // closing it ends the process
}

// report is the peer's measurement of a connection. Times are nanoseconds since 1970.
type report struct {
	Run         string
	Opened      bool // the connection was opened; the report of its end follows
	First, Last int64
	Error       string
}

func startPeer(ctx context.Context, path string) (*peer, error) {
	cmd := exec.CommandContext(ctx, path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &peer{reports: make(chan report, 16), cmd: cmd, stdin: stdin}
	decoder := json.NewDecoder(bufio.NewReader(stdout))
	if err := decoder.Decode(&p.addresses); err != nil {
		return nil, fmt.Errorf("start the peer: %w", err)
	}
	go func() {
		defer close(p.reports)
		for {
			var r report
			if decoder.Decode(&r) != nil {
				return
			}
			p.reports <- r
		}
	}()
	return p, nil
}

// url returns the URL of the peer for a contender's run.
func (p *peer) url(s scenario, c contender, run string, verify bool) string {
	if s.secure {
		return "wss://" + p.addresses.WSS + s.path(c, run, verify)
	}
	return "ws://" + p.addresses.WS + s.path(c, run, verify)
}

// await returns the peer's report of a run, of its opening or its end. It drops reports of runs that were aborted.
func (p *peer) await(ctx context.Context, run string, opened bool) (report, error) {
	for {
		select {
		case r, open := <-p.reports:
			switch {
			case !open:
				return r, errors.New("the peer has ended")
			case r.Run == run && r.Error != "":
				return r, errors.New("peer: " + r.Error)
			case r.Run == run && r.Opened == opened:
				return r, nil
			}
		case <-ctx.Done():
			return report{}, ctx.Err()
		}
	}
}

func (p *peer) stop() {
	p.stdin.Close()
	p.cmd.Wait()
}
