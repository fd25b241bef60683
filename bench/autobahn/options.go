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
	groups      string        // which cases, see selectCases; "" = all
	client      string        // command with {url} in it; "" = wsx, built from this repository
	python      string        // a Python 2.7; "" = looked for
	reports     string        // folder for the suite's own reports; "" = none
	servers     int           // fuzzing servers, each judging one case at a time
	caseTimeout time.Duration // for one case; the suite itself gives the longest 120 s
	timeout     time.Duration // for everything
	verbose     bool          // each verdict as it comes
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("autobahn", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.groups, "groups", "", "groups or cases, such as 1-7,10 or 6.4,9.3.1 (default all)")
	f.StringVar(&o.client, "client", "", "the client to judge, such as 'node echo.js {url}' (default wsx, built here)")
	f.StringVar(&o.python, "python", "", "a Python 2.7 (default: the one on PATH or among pyenv's)")
	f.StringVar(&o.reports, "reports", "", "folder that keeps the suite's report of each case")
	f.IntVar(&o.servers, "servers", runtime.NumCPU(), "fuzzing servers at once")
	f.DurationVar(&o.caseTimeout, "case-timeout", 150*time.Second, "for one case")
	f.DurationVar(&o.timeout, "timeout", 40*time.Minute, "for everything")
	f.BoolVar(&o.verbose, "v", false, "print each verdict as it comes")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	return o, o.check(f.NArg())
}

func (o options) check(extra int) error {
	switch {
	case extra > 0:
		return errors.New("no arguments are expected beside flags; --client takes the whole command in quotes")
	case o.servers < 1:
		return errors.New("--servers must be at least 1")
	case o.caseTimeout <= 0 || o.timeout <= 0:
		return errors.New("--case-timeout and --timeout must be more than 0")
	}
	return nil
}
