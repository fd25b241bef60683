package daemon

import "net"

// listenForUser listens at a socket that only the user can connect to: it inherits the access list of its folder.
func listenForUser(path string) (net.Listener, error) { return net.Listen("unix", path) }
