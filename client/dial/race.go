package dial

import (
	"context"
	"strings"
	"time"
)

// headStart is how long an address is tried alone before the next is tried as well (RFC 8305, 5).
const headStart = 250 * time.Millisecond

// runner is an attempt to connect to one of several addresses.
type runner interface {
	done() bool // reports whether it ends the race, by success or by a final failure
	drop()      // closes the connection, if there is one, because another attempt ended the race
}

// race tries addresses, each when the one before it has failed or had its head start. It returns the first attempt that is done, or
// if none is, the first that failed.
func race[R runner](ctx context.Context, addresses []string, run func(ctx context.Context, address string) R) R {
	ctx, cancel := context.WithCancel(ctx)
	came := make(chan R)
	running := 0
	defer func() {
		cancel()
		for ; running > 0; running-- {
			(<-came).drop()
		}
	}()
	var failed []R
	for {
		var late <-chan time.Time
		if len(addresses) > 0 {
			address := addresses[0]
			addresses = addresses[1:]
			running++
			go func() { came <- run(ctx, address) }() // ended by cancel, awaited above
			late = time.After(headStart)
		}
		if running == 0 {
			return failed[0]
		}
		select {
		case <-late:
		case r := <-came:
			if running--; r.done() {
				return r
			}
			failed = append(failed, r)
		}
	}
}

// interleaved returns addresses in the order of their preference, with the two families alternating (RFC 8305, 4).
func interleaved(addresses []string) []string {
	preferred := isIPv6(addresses[0])
	var first, second []string
	for _, address := range addresses {
		if isIPv6(address) == preferred {
			first = append(first, address)
		} else {
			second = append(second, address)
		}
	}
	var turns []string
	for len(turns) < len(addresses) {
		for _, family := range []*[]string{&first, &second} {
			if len(*family) > 0 {
				turns = append(turns, (*family)[0])
				*family = (*family)[1:]
			}
		}
	}
	return turns
}

func isIPv6(address string) bool { return strings.Contains(address, ":") }
