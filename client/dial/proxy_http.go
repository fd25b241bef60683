package dial

import (
	"bufio"
	"cmp"
	"context"
	"net"
	"net/http"
	"time"

	"wsx/client/wire"
)

// tunnel asks an HTTP proxy for a tunnel to the address (CONNECT, RFC 9110, section 9.3.6), for ws as well as wss, since an
// upgrade does not pass through every proxy otherwise.
func (a *attempt) tunnel(ctx context.Context, conn net.Conn, p *proxy, address string) (net.Conn, error) {
	stop := interrupt(ctx, conn)
	defer stop()
	lines := []string{"CONNECT " + address + " HTTP/1.1", "Host: " + address}
	if agent := cmp.Or(a.options.UserAgent, defaultUserAgent); !replaced(a.options.Header, "User-Agent") {
		lines = append(lines, "User-Agent: "+agent)
	}
	if login := a.dialer.proxyLogin(p); login != nil {
		lines = append(lines, "Proxy-Authorization: "+basic(login))
	}
	a.handshake.Request = a.shown(lines)
	reader := bufio.NewReader(conn)
	response, received, err := ask(conn, reader, lines, http.MethodConnect)
	a.handshake.Response = a.shown(received)
	if err != nil {
		return nil, a.fail(ctx, ProxyStep, err)
	}
	if response.StatusCode/100 != 2 {
		conn.SetReadDeadline(time.Now().Add(bodyTimeout))
		return nil, a.refused(ProxyStep, refuse(response, received, time.Now()))
	}
	if !stop() {
		return nil, a.fail(ctx, ProxyStep, context.Cause(ctx))
	}
	return &wire.Stream{Conn: conn, Early: reader}, nil
}
