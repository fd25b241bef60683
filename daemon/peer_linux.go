package daemon

import "golang.org/x/sys/unix"

// credentials returns the IDs of the user and of the process at the other end of a socket; -1 and 0 = unknown.
func credentials(fd int) (user, process int) {
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return -1, 0
	}
	return int(peer.Uid), int(peer.Pid)
}
