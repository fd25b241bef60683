//go:build unix

package daemon

import (
	"net"
	"os"
)

// listenForUser listens at a socket that only the user can connect to. Until the mode of the socket is set, its folder denies
// access to others.
func listenForUser(path string) (net.Listener, error) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}
