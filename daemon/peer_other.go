//go:build !linux && !darwin

package daemon

import "os"

// credentials returns the ID of our own user: this system does not report the peer of a socket, and the folder denies access to
// others.
func credentials(int) (user, process int) { return os.Getuid(), 0 }
