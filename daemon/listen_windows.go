package daemon

import "net"

// listenPrivately listens at a socket that only the user can use, by the access list of its folder.
func listenPrivately(path string) (net.Listener, error) { return net.Listen("unix", path) }
