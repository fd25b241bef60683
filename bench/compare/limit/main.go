// Limit does only what a WebSocket client in Go cannot leave out: find the lines, mask them with a fresh key,
// write once a block; or read, find the frames, write their payloads. No program that does more can be faster.
//
//	limit [-receive] [-binary SIZE] URL
package main

import (
	"flag"
	"fmt"
	"os"

	"wsx/bench/compare/raw"
)

func main() {
	receiveOnly := flag.Bool("receive", false, "only receive")
	binary := flag.Int("binary", 0, "send binary messages of this `size`; print messages without line ends")
	flag.Parse()
	if err := run(flag.Arg(0), *receiveOnly, *binary); err != nil {
		fmt.Fprintln(os.Stderr, "limit:", err)
		os.Exit(1)
	}
}

func run(url string, receiveOnly bool, size int) error {
	conn, early, err := raw.Dial(url)
	if err != nil {
		return err
	}
	defer conn.Close()
	received := make(chan error, 1)
	go func() { received <- receive(early, conn, os.Stdout, size == 0) }()
	if receiveOnly {
		return <-received
	}
	if size > 0 {
		err = sendBinary(conn, os.Stdin, size)
	} else {
		err = sendLines(conn, os.Stdin)
	}
	if err != nil {
		return err
	}
	return <-received
}
