package server

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
)

// listenTries bounds how often a port is picked that turns out to be taken for UDP.
const listenTries = 10

// listen binds the address, and for HTTP/3 the UDP port of the same number; socket is nil without.
func (o Options) listen(ctx context.Context) (listener net.Listener, socket net.PacketConn, err error) {
	for range listenTries {
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", o.Addr); err != nil || !o.HTTP3 {
			return listener, nil, err
		}
		if socket, err = new(net.ListenConfig).ListenPacket(ctx, "udp", listener.Addr().String()); err == nil {
			return listener, socket, nil
		}
		listener.Close()
		if !errors.Is(err, syscall.EADDRINUSE) || !strings.HasSuffix(o.Addr, ":0") {
			break
		}
	}
	return nil, nil, err
}
