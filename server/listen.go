package server

import (
	"context"
	"errors"
	"net"
	"strings"

	"wsx/errno"
	"wsx/listener"
)

// bindTries is the maximum number of ports that are tried if the UDP port is in use.
const bindTries = 10

// listen binds the address, and for HTTP/3 the UDP port of the same number. Without HTTP/3, socket is nil.
func (o Options) listen(ctx context.Context) (l net.Listener, socket net.PacketConn, err error) {
	for range bindTries {
		if l, err = listener.Listen(ctx, o.Addr); err != nil || !o.HTTP3 {
			return l, nil, err
		}
		if socket, err = new(net.ListenConfig).ListenPacket(ctx, "udp", l.Addr().String()); err == nil {
			return l, socket, nil
		}
		l.Close()
		if !errors.Is(err, errno.AddressInUse) || o.Addr != "0" && !strings.HasSuffix(o.Addr, ":0") {
			break
		}
	}
	return nil, nil, err
}
