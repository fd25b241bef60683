//go:build !linux

package load

import "time"

// portsPerAddress returns the number of ports for connections from one address: those of IANA's dynamic range.
func portsPerAddress() int { return 16_384 }

// portWait returns how long a port is unusable after this side has closed its connection; 0 = unknown.
func portWait() time.Duration { return 0 }
