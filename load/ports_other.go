//go:build !linux

package load

import "time"

// portsPerAddress is how many ports connections of one address may have: those of the IANA's dynamic range.
func portsPerAddress() int { return 16_384 }

// portWait is how long a port rests after a connection that this side has closed; 0 = not known.
func portWait() time.Duration { return 0 }
