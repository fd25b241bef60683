//go:build !windows

package load

import "golang.org/x/sys/unix"

// raiseDescriptors raises the soft limit of file descriptors to the hard limit if it is below need, and returns the new limit.
func raiseDescriptors(need int) (limit uint64, known bool) {
	var current unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &current) != nil {
		return 0, false
	}
	if uint64(current.Cur) >= uint64(need) {
		return uint64(current.Cur), true
	}
	raised := current
	raised.Cur = current.Max
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) != nil {
		return uint64(current.Cur), true
	}
	return uint64(raised.Cur), true
}
