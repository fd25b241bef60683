package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// runScenarios runs every scenario and prints its results, then the targets.
func (h *harness) runScenarios(ctx context.Context, w io.Writer, contenders []contender) error {
	scenarios, err := chosen(h.options)
	if err != nil {
		return err
	}
	var reached []target
	var failures []error
	for _, s := range scenarios {
		results := h.rounds(ctx, contenders, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		printScenario(w, s, results)
		reached = append(reached, targetsOf(s, results)...)
		for _, r := range results {
			if r.failed != nil && mustSucceed(r.contender) {
				failures = append(failures, fmt.Errorf("%s: %s: %w", s.name, r.contender, r.failed))
			}
		}
	}
	printTargets(w, reached)
	return errors.Join(failures...)
}

// mustSucceed reports whether a contender must succeed in every scenario: others may fail, which their row shows.
func mustSucceed(name string) bool { return name == "wsx" || name == "limit" || name == "plain" }

// rounds runs each contender once to verify it, and then all of them in turn.
func (h *harness) rounds(ctx context.Context, contenders []contender, s scenario) []result {
	results := make([]result, len(contenders))
	for i, c := range contenders {
		results[i].contender = c.name
		_, results[i].failed = h.turn(ctx, c, s, true)
	}
	for range h.options.rounds {
		for i, c := range contenders {
			if results[i].failed != nil {
				continue
			}
			var measured sample
			measured, results[i].failed = h.turn(ctx, c, s, false)
			results[i].samples = append(results[i].samples, measured)
		}
	}
	return results
}

// share returns the number of messages of a scenario for a contender.
func (c contender) share(s scenario) int {
	if s.isLatency() {
		return s.messages
	}
	return max(s.messages/max(c.slower, 1), 1)
}

// printCommands prints the command lines, and keeps the peer running until it is interrupted.
func (h *harness) printCommands(ctx context.Context, w io.Writer, contenders []contender) error {
	scenarios, err := chosen(h.options)
	if err != nil {
		return err
	}
	for _, s := range scenarios {
		supply, err := supplyFor(h.folder, s)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s (standard input: %d bytes of %s)\n", s.name, s.bytes(s.messages), supply.file.Name())
		supply.file.Close()
		for _, c := range contenders {
			if args, err := c.command(s, h.peer.url(s, c, "0", false)); err == nil {
				fmt.Fprintf(w, "  %s %q\n", c.path, args)
			}
		}
	}
	fmt.Fprintln(w, "the peer is up until Ctrl-C")
	<-ctx.Done()
	return nil
}
