package daemon

import "golang.org/x/sys/unix"

// userOf returns the number of the user whose process is at the other end of a socket.
func userOf(fd int) (int, error) {
	peer, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(peer.Uid), nil
}

// processOf returns the number of the process that opened the other end of a socket; 0 = it is not known.
func processOf(fd int) int {
	pid, err := unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	if err != nil {
		return 0
	}
	return pid
}
