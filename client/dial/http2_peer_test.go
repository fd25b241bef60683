package dial

import (
	"net"

	"golang.org/x/net/http2"

	"wsx/test/http2peer"
)

// serveHTTP2 returns a function for startServer that sends settings, then calls serve.
func serveHTTP2(serve func(*http2peer.Peer), settings ...http2.Setting) func(net.Conn) {
	return func(conn net.Conn) {
		if p := http2peer.Accept(conn, settings...); p != nil {
			serve(p)
		}
	}
}
