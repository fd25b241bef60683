package load

import (
	"fmt"
	"math"
	"time"
)

// spareDescriptors is how many descriptors a run needs beside its connections.
const spareDescriptors = 64

// Need is what a run asks of this machine.
type Need struct {
	Descriptors int           // open at once, connections and what else
	Ports       int           // of this machine's, at once, to one address of the server; 0 = none
	Sources     int           // addresses of this machine that ports are taken from; 0 = one
	Churn       float64       // connections that are opened and closed, a second
	During      time.Duration // of the churn
}

// LimitError says which limit of this machine a run would exceed. It is found before anything is dialed.
type LimitError struct{ Message, Hint string }

func (e *LimitError) Error() string { return e.Message }

// CheckMachine raises the limit of descriptors as far as that is allowed, and fails with a *LimitError where this machine
// has too few of them, or too few ports.
func CheckMachine(n Need) error {
	need := n.Descriptors + spareDescriptors
	if most, known := raiseDescriptors(need); known && uint64(need) > most {
		return &LimitError{
			fmt.Sprintf("%d connections need %d file descriptors, and this system allows %d", n.Descriptors, need, most),
			fmt.Sprintf("ulimit -Hn shows the limit; raise it in limits.conf or run as root, or use at most %d connections", max(0, int(most)-spareDescriptors)),
		}
	}
	ports := portsPerAddress() * max(1, n.Sources)
	if n.Ports > ports {
		return &LimitError{
			fmt.Sprintf("%d connections need as many ports, but %d address(es) of this machine have only %d", n.Ports, max(1, n.Sources), ports),
			"--sources ADDR,ADDR connects from more addresses; on loopback, all of 127.0.0.0/8 can be used",
		}
	}
	if wait := portWait(); n.Churn > 0 && wait > 0 {
		used := n.Churn * math.Min(n.During.Seconds(), wait.Seconds())
		if used > float64(ports) {
			return &LimitError{
				fmt.Sprintf("%.0f connections a second use up the %d ports of this machine, as each port is in TIME-WAIT for %v after its connection", n.Churn, ports, wait),
				fmt.Sprintf("use at most %.0f/s, or more source addresses", float64(ports)/wait.Seconds()),
			}
		}
	}
	return nil
}

// MostConnections is how many connections this machine can open from a number of addresses.
func MostConnections(sources int) int {
	ports := portsPerAddress() * max(1, sources)
	if most, known := raiseDescriptors(math.MaxInt32); known {
		return min(ports, int(min(most, math.MaxInt32))-spareDescriptors)
	}
	return ports
}
