package main

import (
	"errors"
	"flag"
	"io"
	"strings"
)

// options are the command line.
type options struct {
	rounds     int      // measured turns of each contender
	quick      bool     // a tenth of the load
	only       string   // part of a scenario's name; "" = all
	contenders []string // names; empty = all
	commands   bool     // print command lines instead of measuring
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rounds, "rounds", 0, "measured turns of each contender (default 5, with --quick 3)")
	f.BoolVar(&o.quick, "quick", false, "a tenth of the load")
	f.StringVar(&o.only, "only", "", "only scenarios whose name contains this")
	f.BoolVar(&o.commands, "commands", false, "print the command lines, and keep the peer up until interrupted")
	f.Func("contenders", "only these, separated by commas", func(s string) error {
		o.contenders = strings.Split(s, ",")
		return nil
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, errors.New("no arguments are expected beside flags")
	}
	if o.rounds < 0 {
		return o, errors.New("--rounds must be at least 1")
	}
	if o.rounds == 0 {
		o.rounds = 5
		if o.quick {
			o.rounds = 3
		}
	}
	return o, nil
}
