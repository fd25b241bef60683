package load

import (
	"fmt"
	"math"
	"time"
)

// spareDescriptors is the number of file descriptors that a run needs besides its connections.
const spareDescriptors = 64

// Need is what a run needs of this machine.
type Need struct {
	Descriptors int           // open at once, connections and others
	Ports       int           // local ports in use at once, to one address of the server; 0 = none
	Sources     int           // local addresses to connect from; 0 = one
	Churn       float64       // connections opened and closed per second
	During      time.Duration // duration of the churn
}

// LimitError is the error when a run would exceed a limit of this machine. It is returned before anything is dialed.
type LimitError struct {
	Message string
	Hint    string // "" = connect from more local addresses
}

func (e *LimitError) Error() string { return e.Message }

// CheckMachine raises the limit of file descriptors as far as that is allowed. The error is a *LimitError if this machine has
// too few descriptors or ports.
func CheckMachine(n Need) error {
	need := n.Descriptors + spareDescriptors
	if limit, known := raiseDescriptors(need); known && uint64(need) > limit {
		return &LimitError{
			fmt.Sprintf("%d connections need %d file descriptors, and this system allows %d", n.Descriptors, need, limit),
			fmt.Sprintf("ulimit -Hn shows the limit; raise it in limits.conf or run as root, or use at most %d connections", max(0, int(limit)-spareDescriptors)),
		}
	}
	ports := portsPerAddress() * max(1, n.Sources)
	if n.Ports > ports {
		return &LimitError{Message: fmt.Sprintf("%d connections need as many ports, but %d address(es) of this machine have only %d", n.Ports, max(1, n.Sources), ports)}
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

// MaxConnections returns how many connections this machine can open from a number of local addresses.
func MaxConnections(sources int) int {
	ports := portsPerAddress() * max(1, sources)
	if limit, known := raiseDescriptors(math.MaxInt32); known {
		return min(ports, int(min(limit, math.MaxInt32))-spareDescriptors)
	}
	return ports
}
