package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// preciseSleep sleeps for d. The timers of Go's runtime fire up to a millisecond late in an idle program, because epoll counts
// in milliseconds; those of the kernel are only some ten microseconds late.
func preciseSleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&left, &left) == unix.EINTR {
	}
}
