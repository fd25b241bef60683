package dial

import (
	"context"
	"strings"
	"time"
)

// attemptDelay is how long to wait for an address before the next one is tried as well (RFC 8305, section 5).
const attemptDelay = 250 * time.Millisecond

// runner is an attempt to connect to one of several addresses.
type runner interface {
	done() bool // reports whether it ends the race, by success or by a final failure
	drop()      // closes the connection, if there is one, because another attempt ended the race
}

// race tries addresses, each when the one before it has failed or attemptDelay has passed. It returns the first attempt that is
// done, or if none is, the first that failed.
func race[R runner](ctx context.Context, addresses []string, run func(ctx context.Context, address string) R) R {
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan R)
	running := 0
	defer func() {
		cancel()
		for ; running > 0; running-- {
			(<-results).drop()
		}
	}()
	var failed []R
	for {
		var next <-chan time.Time
		if len(addresses) > 0 {
			address := addresses[0]
			addresses = addresses[1:]
			running++
			go func() { results <- run(ctx, address) }() // ended by cancel, awaited above
			next = time.After(attemptDelay)
		}
		if running == 0 {
			return failed[0]
		}
		select {
		case <-next:
		case r := <-results:
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
	var mixed []string
	for len(mixed) < len(addresses) {
		for _, family := range []*[]string{&first, &second} {
			if len(*family) > 0 {
				mixed = append(mixed, (*family)[0])
				*family = (*family)[1:]
			}
		}
	}
	return mixed
}

func isIPv6(address string) bool { return strings.Contains(address, ":") }
