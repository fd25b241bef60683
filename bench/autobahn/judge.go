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

// judgeAll brings everything up, judges each case once, and those that failed a second time. With an error
// it returns the verdicts that were reached before.
func judgeAll(ctx context.Context, o options, log io.Writer) ([]verdict, error) {
	path, err := findPython(ctx, o.python)
	if err != nil {
		return nil, err
	}
	p, err := install(ctx, path, log)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "autobahn-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	c := newClient(o.client)
	if o.client == "" {
		if c, err = buildWsx(ctx, folder); err != nil {
			return nil, err
		}
	}
	j := &judge{client: c, limit: o.caseTimeout}
	if o.verbose {
		j.log = log
	}
	return j.run(ctx, p, o)
}

// judge runs a client on cases, on several servers at once.
type judge struct {
	client  client
	limit   time.Duration // for one case
	log     io.Writer     // each verdict as it comes; nil = nowhere
	servers []*server

	mu       sync.Mutex // guards what follows
	verdicts []verdict
}

func (j *judge) run(ctx context.Context, p python, o options) ([]verdict, error) {
	defer j.stopServers()
	if err := j.startServers(ctx, p, o); err != nil {
		return nil, err
	}
	names, err := selectCases(j.servers[0].cases, o.groups)
	if err != nil {
		return nil, err
	}
	j.judgeEach(ctx, longestFirst(names))
	j.judgeAgain(ctx)
	slices.SortFunc(j.verdicts, byCase)
	return j.verdicts, errors.Join(ctx.Err(), j.stopServers())
}

func (j *judge) startServers(ctx context.Context, p python, o options) error {
	for i := range o.servers {
		agent := "client-" + strconv.Itoa(i+1)
		reports := ""
		if o.reports != "" {
			reports = filepath.Join(o.reports, agent)
		}
		s, err := startServer(ctx, p, agent, reports)
		if err != nil {
			return err
		}
		j.servers = append(j.servers, s)
	}
	return nil
}

// stopServers may be called twice.
func (j *judge) stopServers() error {
	var errs []error
	for _, s := range j.servers {
		errs = append(errs, s.stop())
	}
	j.servers = nil
	return errors.Join(errs...)
}

// judgeEach gives every server the next case as soon as it is free.
func (j *judge) judgeEach(ctx context.Context, names []string) {
	queue := make(chan string)
	var wg sync.WaitGroup
	for _, s := range j.servers {
		wg.Go(func() {
			for name := range queue {
				if v := j.judgeOne(ctx, s, name); ctx.Err() == nil {
					j.record(v)
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

// The suite gives many cases one second, which a busy machine can take from an innocent client. So a case
// that failed is judged once more with nothing beside it, and that verdict stands. More than mostAgain
// failures are not the machine's fault.
const mostAgain = 20

func (j *judge) judgeAgain(ctx context.Context) {
	bad := faults(j.verdicts)
	if len(bad) > mostAgain || ctx.Err() != nil {
		return
	}
	j.verdicts = slices.DeleteFunc(j.verdicts, func(v verdict) bool { return !v.allowed() })
	for _, v := range bad {
		again := j.judgeOne(ctx, j.servers[0], v.Case)
		again.again = true
		j.record(again)
	}
}

func (j *judge) record(v verdict) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.verdicts = append(j.verdicts, v)
	if j.log != nil {
		fmt.Fprintf(j.log, "%-8s %-14s %s\n", v.Case, v.column(), v.reason())
	}
}

// judgeOne has one case judged. A client that runs on after its verdict, or never gets one, has failed.
func (j *judge) judgeOne(ctx context.Context, s *server, name string) verdict {
	ctx, cancel := context.WithTimeout(ctx, j.limit)
	defer cancel()
	ended := j.client.start(ctx, s.caseURL(name))
	select {
	case end := <-ended:
		return s.await(name, end)
	case v := <-s.verdicts:
		if v.Case != name { // a late one, or none: the server has ended
			return s.await(name, <-ended)
		}
		return afterVerdict(v, ended, cancel)
	}
}

// patience is how long the client and the server may differ about when a case has ended.
const patience = 10 * time.Second

// await is the verdict of a case whose client has ended already, in the way end tells.
func (s *server) await(name, end string) verdict {
	overdue := time.After(patience)
	none := verdict{Case: name, Behavior: failed, Result: "the client did not connect", BehaviorClose: ok, client: end}
	for {
		select {
		case v, open := <-s.verdicts:
			if v.Case == name {
				v.client = end
				return v
			}
			if !open {
				none.Result = "the fuzzing server has ended"
				return none
			}
		case <-overdue:
			return none
		}
	}
}

// afterVerdict waits for the client's end, and makes it end when it does not.
func afterVerdict(v verdict, ended <-chan string, kill func()) verdict {
	select {
	case v.client = <-ended:
	case <-time.After(patience):
		kill()
		<-ended
		v.Behavior, v.Result = failed, "the client did not end when the server had closed"
	}
	return v
}
