//go:build unix

package daemon

import (
	"net"
	"os"
)

// listenPrivately listens at a socket that only the user can use. Its folder keeps others out while it has no mode yet.
func listenPrivately(path string) (net.Listener, error) {
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
