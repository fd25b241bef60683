package dial

import (
	"crypto/tls"
	"net"
)

func behindTLS(config *tls.Config, serve func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		if secured.Handshake() == nil {
			serve(secured)
			secured.Close()
		}
	}
}
