// Agreement compares the verdicts of "wsx check" with those of the Autobahn test suite on echo servers on ten libraries,
// and on wsx serve.
//
//	go run ./test/agreement                            all servers
//	go run ./test/agreement --servers gorilla,ws       some
//	go run ./test/agreement --markdown                 the table of docs/check.md
//
// The libraries are installed from their registries into the user's cache folder, in the versions that the manifests in
// servers/ name; a server whose toolchain (go, npm, python3, cargo, mvn) is missing is skipped, and so is everything
// without the Python 2.7 that the suite needs. The exit code is 1 where a verdict differs.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	f := flag.NewFlagSet("agreement", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.servers, "servers", "", "servers to test, such as gorilla,ws (default all)")
	f.BoolVar(&o.markdown, "markdown", false, "print the table as Markdown")
	f.BoolVar(&o.verbose, "v", false, "print what both found, case by case")
	if err := f.Parse(args); err != nil {
		return 2
	}
	results, err := compareAll(ctx, o, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "agreement:", err)
		return 1
	}
	printResults(stdout, results, o)
	if slices.ContainsFunc(results, func(r result) bool { return len(r.differences()) > 0 }) {
		return 1
	}
	return 0
}

// compareAll tests each server with both tools.
func compareAll(ctx context.Context, o options, log io.Writer) ([]result, error) {
	folder, err := os.MkdirTemp("", "agreement-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	tools := map[string]string{"wsx": "wsx/cmd/wsx", "autobahn": "wsx/bench/autobahn"}
	for name, pkg := range tools {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", folder+"/"+name, pkg).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
		tools[name] = folder + "/" + name
	}
	var results []result
	for _, s := range servers() {
		if o.servers != "" && !slices.Contains(strings.Split(o.servers, ","), s.name) {
			continue
		}
		start := time.Now()
		r, err := compare(ctx, s, tools, log)
		if err != nil {
			fmt.Fprintf(log, "agreement: %s is skipped: %v\n", s.name, err)
			continue
		}
		fmt.Fprintf(log, "agreement: %s took %v\n", s.name, time.Since(start).Round(time.Second))
		results = append(results, r)
	}
	return results, ctx.Err()
}

// compare tests one server with both tools.
func compare(ctx context.Context, s server, tools map[string]string, log io.Writer) (result, error) {
	r := result{name: s.name}
	folder, err := s.family.install(ctx, log)
	if err != nil {
		return r, err
	}
	if r.version, err = s.installedVersion(); err != nil {
		return r, err
	}
	url, stop, err := s.start(ctx, folder, tools["wsx"])
	if err != nil {
		return r, err
	}
	defer stop()
	if r.checks, r.seconds, err = runChecks(ctx, tools["wsx"], url); err != nil {
		return r, err
	}
	r.cases, err = runCases(ctx, tools["autobahn"], url)
	return r, err
}
