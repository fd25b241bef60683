// Compare measures how fast wsx transfers messages, compared with programs that do the same, on this machine.
//
//	go run ./bench/compare                       everything, 5 rounds; about ten minutes
//	go run ./bench/compare --quick               a tenth of the load, 3 rounds; about a minute
//	go run ./bench/compare --only 'send 16 B'    the scenarios whose name contains this
//	go run ./bench/compare --contenders wsx,limit
//	go run ./bench/compare --commands            print the command lines, and keep the peer up to try them
//
// # Contenders
//
// wsx is built from this repository; the harness's own three are built like it, static and stripped as releases
// are. limit does only what cannot be left out: find the lines, mask, one large write; or read, find the
// frames, copy; over wss, a TLS copy of the same bytes. plain is the loop that anyone would write first with
// coder/websocket, one call a line. loaded is plain linked with all that wsx consists of, which it does not use:
// it starts as soon as anything can that does what wsx does, and only its start is measured. wscat (npm install
// -g wscat) and websocat (cargo install websocat) take part when they are on PATH, with less load where they are
// slow: what is compared is a rate.
//
// # How it measures
//
// The other side of each connection is the peer, a raw server in a separate process that reads only frame
// headers. Sending is timed there, from the first byte to the last message. Receiving is
// timed from the peer's first byte to the last byte in the pipe after the contender's standard output.
// Neither includes start-up, which has its own scenario. Standard input and output are pipes.
//
// Each contender first runs once unmeasured, and every byte that it transfers is compared. Then the contenders
// take turns, A B C A B C, so that a slow moment of the machine meets all of them.
//
// # How to read it
//
// Each row is the median of the rounds, with the slowest and the fastest. "of limit" and "× plain" are medians
// of the ratios within each round; they hold where absolute numbers drift. For rates more is better, for
// latencies less. CPU is user and system time of the contender's process for all it did, start-up included.
// RSS is the most memory that was resident in any round; no process shows less than this one has, about
// 10 MB, because the kernel counts from before exec. A target that was missed by little on a busy machine may
// be met on a quiet one: compare CPU, which depends less on other programs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
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
		fmt.Fprintln(stderr, "compare:", err)
		return 2
	}
	if err := compare(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "compare:", err)
		return 1
	}
	return 0
}

// compare builds the programs, starts the peer and runs every scenario.
func compare(ctx context.Context, o options, stdout, stderr io.Writer) error {
	folder, err := os.MkdirTemp("", "compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	contenders, err := prepare(ctx, folder, o, stderr)
	if err != nil {
		return err
	}
	peer, err := startPeer(ctx, folder+"/peer")
	if err != nil {
		return err
	}
	defer peer.stop()
	h := &harness{peer: peer, folder: folder, options: o}
	if o.commands {
		return h.printCommands(ctx, stdout, contenders)
	}
	return h.runScenarios(ctx, stdout, contenders)
}
