package main

import (
	"errors"
	"flag"
	"io"
	"runtime"
	"time"
)

// options are the command line.
type options struct {
	groups      string        // selection of cases, see selectCases; "" = all
	client      string        // command with {url} in it; "" = wsx, built from this repository
	server      string        // address of the server under test; "wsx" = wsx serve, built from this repository; "" = a client is tested
	python      string        // path of a Python 2.7; "" = findPython searches for it
	reports     string        // folder for the suite's own reports; "" = no reports
	jobs        int           // number of fuzzers, each of which runs one case at a time
	caseTimeout time.Duration // for one case; the suite's own limit for the longest case is 120 s
	timeout     time.Duration // for everything
	verbose     bool          // print each verdict at once
	json        bool          // verdicts as JSON instead of a table
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("autobahn", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.groups, "groups", "", "groups or cases, such as 1-7,10 or 6.4,9.3.1 (default all)")
	f.StringVar(&o.client, "client", "", "the client to test, such as 'node echo.js {url}' (default wsx, built here)")
	f.StringVar(&o.server, "server", "", "test the echo server at an address such as ws://127.0.0.1:9001/, or wsx: wsx serve, built here")
	f.StringVar(&o.python, "python", "", "a Python 2.7 (default: the one on PATH or among pyenv's)")
	f.StringVar(&o.reports, "reports", "", "folder that keeps the suite's report of each case")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "cases at once")
	f.DurationVar(&o.caseTimeout, "case-timeout", 150*time.Second, "for one case")
	f.DurationVar(&o.timeout, "timeout", 40*time.Minute, "for everything")
	f.BoolVar(&o.json, "json", false, "print the verdicts as a JSON array")
	f.BoolVar(&o.verbose, "v", false, "print each verdict as it comes")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	return o, o.check(f.NArg())
}

func (o options) check(extra int) error {
	switch {
	case extra > 0:
		return errors.New("no arguments are expected besides flags; --client takes the whole command in quotes")
	case o.client != "" && o.server != "":
		return errors.New("--client and --server exclude each other")
	case o.jobs < 1:
		return errors.New("--jobs must be at least 1")
	case o.caseTimeout <= 0 || o.timeout <= 0:
		return errors.New("--case-timeout and --timeout must be more than 0")
	}
	return nil
}
