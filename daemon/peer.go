package daemon

import (
	"net"
	"os"
)

// isSameUser reports whether the process at the other end of a socket belongs to the same user.
func isSameUser(socket net.Conn) bool {
	user, _ := peerOf(socket)
	return user == os.Getuid()
}

// peerOf returns the IDs of the user and of the process at the other end of a socket; -1 and 0 = unknown.
func peerOf(socket net.Conn) (user, process int) {
	user = -1
	if raw, err := socket.(*net.UnixConn).SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { user, process = credentials(int(fd)) })
	}
	return user, process
}
