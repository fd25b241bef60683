// Autobahn tests a WebSocket client or server with the Autobahn test suite and prints the verdicts by group.
//
//	go run ./bench/autobahn                                       wsx --echo on all 517 cases
//	go run ./bench/autobahn --server wsx                          wsx serve echo on all 517 cases
//	go run ./bench/autobahn --groups 1-7,10                       some groups, or single cases: 6.4,9.3.1
//	go run ./bench/autobahn --client 'node echo.js {url}'         another client
//	go run ./bench/autobahn --server ws://127.0.0.1:9001/         another server, which echoes
//	go run ./bench/autobahn --reports DIR                         keep the suite's own report of each case
//
// The suite needs Python 2.7 and is installed on the first run into the user's cache folder. Without Python 2.7 nothing
// is tested: one line reports that, and the exit code is 0.
//
// A client under test connects to the URL, answers each message with itself, and ends when the server closes. A server
// under test answers each message with itself. The exit code is 1 when any case is worse than it may be: everything must
// be OK, and three cases of group 7, which have no right answer, may be INFORMATIONAL.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "autobahn:", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	start := time.Now()
	verdicts, err := runAll(ctx, o, stderr)
	if errors.Is(err, errNoPython) {
		fmt.Fprintln(stdout, "autobahn: skipped:", err)
		return 0
	}
	switch {
	case o.json:
		printJSON(stdout, verdicts)
	case len(verdicts) > 0:
		printTable(stdout, verdicts)
		printFaults(stdout, verdicts)
		fmt.Fprintf(stdout, "\n%d cases in %v\n", len(verdicts), time.Since(start).Round(time.Second))
	}
	if err != nil {
		fmt.Fprintln(stderr, "autobahn:", err)
	}
	if err != nil || len(faults(verdicts)) > 0 {
		return 1
	}
	return 0
}
