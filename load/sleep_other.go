//go:build !linux

package load

import "time"

// preciseSleep sleeps for d, as precisely as the timers of Go's runtime do.
func preciseSleep(d time.Duration) { time.Sleep(d) }
