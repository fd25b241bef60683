package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// runAll starts the programs, runs each case once, and runs the cases that failed a second time. With an error, it also returns the
// verdicts until then.
func runAll(ctx context.Context, o options, log io.Writer) ([]verdict, error) {
	path, err := findPython(ctx, o.python)
	if err != nil {
		return nil, err
	}
	p, err := install(ctx, path, log)
	if err != nil {
		return nil, err
	}
	r := &runner{limit: o.caseTimeout}
	if o.verbose {
		r.log = log
	}
	folder, err := os.MkdirTemp("", "autobahn-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	wsx := ""
	if o.server == "wsx" || o.server == "" && o.client == "" {
		if wsx, err = buildWsx(ctx, folder); err != nil {
			return nil, err
		}
	}
	switch {
	case o.server == "wsx":
		url, stop, err := startServer(ctx, wsx)
		if err != nil {
			return nil, err
		}
		defer stop()
		o.server = url
	case o.server == "" && o.client == "":
		r.client = client{wsx, "--echo", "{url}"}
	case o.server == "":
		r.client = newClient(o.client)
	}
	return r.run(ctx, p, o)
}

// runner runs cases on several fuzzers in parallel.
type runner struct {
	client  client        // nil = a server is tested
	limit   time.Duration // for one case
	log     io.Writer     // receives each verdict at once; nil = verdicts are not logged
	fuzzers []*fuzzer

	mu       sync.Mutex // guards the field below
	verdicts []verdict
}

func (r *runner) run(ctx context.Context, p python, o options) ([]verdict, error) {
	defer r.stopFuzzers()
	if err := r.startFuzzers(ctx, p, o); err != nil {
		return nil, err
	}
	names, err := selectCases(r.fuzzers[0].cases, o.groups)
	if err != nil {
		return nil, err
	}
	r.runEach(ctx, sortLongestFirst(names))
	r.rerunFailed(ctx)
	slices.SortFunc(r.verdicts, byCase)
	return r.verdicts, errors.Join(ctx.Err(), r.stopFuzzers())
}

func (r *runner) startFuzzers(ctx context.Context, p python, o options) error {
	for i := range o.jobs {
		agent := "client-" + strconv.Itoa(i+1)
		script, args := fuzzingServer, []string{}
		if o.server != "" {
			script, args = fuzzingClient, []string{o.server}
		}
		if o.reports != "" {
			args = append(args, filepath.Join(o.reports, agent))
		}
		f, err := startFuzzer(ctx, p, agent, script, args...)
		if err != nil {
			return err
		}
		r.fuzzers = append(r.fuzzers, f)
	}
	return nil
}

// stopFuzzers stops all fuzzers. It may be called twice.
func (r *runner) stopFuzzers() error {
	var errs []error
	for _, f := range r.fuzzers {
		errs = append(errs, f.stop())
	}
	r.fuzzers = nil
	return errors.Join(errs...)
}

// runEach runs the next case on each fuzzer as soon as it is free.
func (r *runner) runEach(ctx context.Context, names []string) {
	queue := make(chan string)
	var wg sync.WaitGroup
	for _, f := range r.fuzzers {
		wg.Go(func() {
			for name := range queue {
				if v := r.runOne(ctx, f, name); ctx.Err() == nil {
					r.record(v)
				}
			}
		})
	}
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		queue <- name
	}
	close(queue)
	wg.Wait()
}

// Many cases have a time limit of one second, which a correct program can miss on a busy machine. So a case that failed is run
// once more with nothing else running, and that verdict counts. If there are more than maxReruns failures, the machine is not the cause.
const maxReruns = 20

func (r *runner) rerunFailed(ctx context.Context) {
	failures := faults(r.verdicts)
	if len(failures) > maxReruns || ctx.Err() != nil {
		return
	}
	r.verdicts = slices.DeleteFunc(r.verdicts, func(v verdict) bool { return !v.allowed() })
	for _, v := range failures {
		second := r.runOne(ctx, r.fuzzers[0], v.Case)
		second.rerun = true
		r.record(second)
	}
}

func (r *runner) record(v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verdicts = append(r.verdicts, v)
	if r.log != nil {
		fmt.Fprintf(r.log, "%-8s %-14s %s\n", v.Case, v.column(), v.reason())
	}
}

// runOne runs one case.
func (r *runner) runOne(ctx context.Context, f *fuzzer, name string) verdict {
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	if r.client == nil {
		return f.testServer(ctx, name)
	}
	return r.runClient(ctx, cancel, f, name)
}

// testServer makes the fuzzing client run a case, and returns its verdict.
func (f *fuzzer) testServer(ctx context.Context, name string) verdict {
	failure := verdict{Case: name, Behavior: failed, BehaviorClose: failed}
	if _, err := io.WriteString(f.stdin, name+"\n"); err != nil {
		failure.Result = "the fuzzing client has ended"
		return failure
	}
	for {
		select {
		case v, open := <-f.verdicts:
			if v.Case == name {
				return v
			}
			if !open {
				failure.Result = "the fuzzing client has ended"
				return failure
			}
		case <-ctx.Done():
			failure.Result = "no verdict: " + ctx.Err().Error()
			return failure
		}
	}
}

// runClient runs the client. A client that continues to run after its verdict, or that gets no verdict, has failed.
func (r *runner) runClient(ctx context.Context, kill func(), f *fuzzer, name string) verdict {
	ended := r.client.start(ctx, f.caseURL(name))
	select {
	case end := <-ended:
		return f.await(name, end)
	case v := <-f.verdicts:
		if v.Case != name { // a late verdict, or the zero verdict because the fuzzing server has ended
			return f.await(name, <-ended)
		}
		return afterVerdict(v, ended, kill)
	}
}

// endTimeout is the maximum time between the ends of a case at the client and at the fuzzing server.
const endTimeout = 10 * time.Second

// await returns the verdict of a case whose client has ended; end describes how.
func (f *fuzzer) await(name, end string) verdict {
	timer := time.After(endTimeout)
	failure := verdict{Case: name, Behavior: failed, Result: "the client did not connect", BehaviorClose: ok, client: end}
	for {
		select {
		case v, open := <-f.verdicts:
			if v.Case == name {
				v.client = end
				return v
			}
			if !open {
				failure.Result = "the fuzzing server has ended"
				return failure
			}
		case <-timer:
			return failure
		}
	}
}

// afterVerdict waits for the client to end, and kills it when it does not.
func afterVerdict(v verdict, ended <-chan string, kill func()) verdict {
	select {
	case v.client = <-ended:
	case <-time.After(endTimeout):
		kill()
		<-ended
		v.Behavior, v.Result = failed, "the client did not end when the server had closed"
	}
	return v
}
