package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"wsx/bench/compare/load"
)

// sample is the measurement of one turn of a contender.
type sample struct {
	rate float64       // bytes of payload per second; for latencies, 1 / latency
	cpu  time.Duration // CPU time of one message, round trip or start
	rss  int64         // bytes
}

// harness runs contenders in scenarios against the peer.
type harness struct {
	peer    *peer
	folder  string // folder of the programs and supplies
	options options
	runs    int // number of runs so far, from which the name of each run at the peer is made
}

// turnLimit is the maximum duration of a turn.
const turnLimit = 3 * time.Minute

// turn runs a contender once, with its share of the messages.
func (h *harness) turn(ctx context.Context, c contender, s scenario, verify bool) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, turnLimit)
	defer cancel()
	if s.kind == startUp {
		return h.startUps(ctx, c, s)
	}
	supply, err := supplyFor(h.folder, s)
	if err != nil {
		return sample{}, err
	}
	defer supply.file.Close()
	run, p, err := h.start(ctx, c, s, verify)
	if err != nil {
		return sample{}, err
	}
	messages := c.share(s)
	t := turn{harness: h, process: p, scenario: s, supply: supply, run: run, messages: messages, verify: verify}
	if c.losesEarlyLines && s.kind != receive {
		t.untilOpen(ctx)
	}
	duration, err := t.measure(ctx)
	used := p.finish()
	if err != nil {
		return sample{}, p.explain(err)
	}
	rate := float64(messages) * float64(s.size) / duration.Seconds()
	if s.isLatency() {
		rate = 1 / duration.Seconds()
	}
	return sample{rate, used.cpu / time.Duration(messages), used.rss}, nil
}

// start starts a contender, and returns the name of its run.
func (h *harness) start(ctx context.Context, c contender, s scenario, verify bool) (string, *process, error) {
	h.runs++
	run := strconv.Itoa(h.runs)
	args, err := c.command(s, h.peer.url(s, c, run, verify))
	if err != nil {
		return run, nil, err
	}
	p, err := startProcess(ctx, c.path, args)
	return run, p, err
}

// turn is a turn in progress.
type turn struct {
	harness  *harness
	process  *process
	scenario scenario
	supply   *supply
	run      string
	messages int
	verify   bool
}

// measure returns the duration of the turn, or the median of its latencies.
func (t turn) measure(ctx context.Context) (time.Duration, error) {
	switch t.scenario.kind {
	case send:
		return t.measureSend(ctx)
	case receive:
		return t.measureReceive(ctx)
	default:
		return t.measureRoundTrips()
	}
}

// untilOpen waits until a contender that would lose early lines is most likely connected. The peer knows only when it has responded. If
// it has not, the turn itself fails.
func (t turn) untilOpen(ctx context.Context) {
	t.harness.peer.await(ctx, t.run, true)
	time.Sleep(300 * time.Millisecond)
}

func (t turn) measureSend(ctx context.Context) (time.Duration, error) {
	go io.Copy(io.Discard, t.process.stdout)
	fed := make(chan error, 1)
	go func() { fed <- t.supply.feed(t.process.stdin, t.scenario.bytes(t.messages)) }()
	r, err := t.harness.peer.await(ctx, t.run, false)
	if err != nil {
		return 0, err
	}
	return time.Duration(r.Last - r.First), <-fed
}

func (t turn) measureReceive(ctx context.Context) (time.Duration, error) {
	total := t.scenario.bytes(t.messages)
	var err error
	if t.verify {
		err = t.supply.check(t.process.stdout, total)
	} else {
		err = drain(t.process.stdout, total)
	}
	last := time.Now().UnixNano()
	if err != nil {
		return 0, err
	}
	t.process.stdin.Close()
	r, err := t.harness.peer.await(ctx, t.run, false)
	return time.Duration(last - r.First), err
}

// warmUps is the number of round trips at the beginning of a session that are not counted.
const warmUps = 100

func (t turn) measureRoundTrips() (time.Duration, error) {
	replies := bufio.NewReader(t.process.stdout)
	var all []time.Duration
	for i := range warmUps + t.messages {
		duration, err := measureRoundTrip(t.process.stdin, replies, load.AppendLine(nil, i, t.scenario.size))
		if err != nil {
			return 0, err
		}
		if i >= warmUps {
			all = append(all, duration)
		}
	}
	return median(all), nil
}

func measureRoundTrip(w io.Writer, replies *bufio.Reader, line []byte) (time.Duration, error) {
	start := time.Now()
	if _, err := w.Write(append(line, '\n')); err != nil {
		return 0, err
	}
	reply, err := replies.ReadSlice('\n')
	duration := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("wait for a reply: %w", err)
	}
	if !bytes.HasSuffix(reply, append(line, '\n')) { // wscat prints a prompt before it
		return 0, fmt.Errorf("the reply to %q is %q", line, reply)
	}
	return duration, nil
}

// startUps starts a contender several times, one after the other, and returns the median time to its first reply.
func (h *harness) startUps(ctx context.Context, c contender, s scenario) (sample, error) {
	var all []time.Duration
	var total usage
	for range s.messages {
		start := time.Now()
		_, p, err := h.start(ctx, c, s, false)
		if err != nil {
			return sample{}, err
		}
		_, err = measureRoundTrip(p.stdin, bufio.NewReader(p.stdout), load.AppendLine(nil, 0, s.size))
		all = append(all, time.Since(start))
		used := p.finish()
		if err != nil {
			return sample{}, p.explain(err)
		}
		total = usage{total.cpu + used.cpu, max(total.rss, used.rss)}
	}
	return sample{1 / median(all).Seconds(), total.cpu / time.Duration(s.messages), total.rss}, nil
}

// median returns the median of values, which it sorts.
func median[T ~int64 | ~float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}
