package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// preciseSleep sleeps for d. The timers of Go's runtime wake up to a millisecond late when the program is idle, because
// epoll counts in milliseconds; the kernel's own are late by some ten microseconds.
func preciseSleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&left, &left) == unix.EINTR {
	}
}
