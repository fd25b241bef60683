package servertest

import (
	"net/http"
	"strings"
	"time"
)

func sendRequest(c *conn) {
	var request strings.Builder
	c.request.Write(&request)
	c.upgrade(nil)
	c.bufferFrame(finBit|opText, strings.ReplaceAll(strings.TrimSpace(request.String()), "\r\n", "\n"))
	c.finish("close")
}

func slowAccept(c *conn) {
	c.sleep(c.durationParam("ms", 500))
	echo(c)
}

func eager(c *conn) {
	c.bufferUpgrade(nil)
	c.bufferNumbered(c.intParam("n", 3), "eager")
	c.finish("close")
}

// status refuses the upgrade, with the header that belongs to the status.
func status(c *conn) {
	code := c.intParam("code", http.StatusUnauthorized)
	explain := http.Header{}
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		explain.Set("Location", c.param("location", "/echo"))
	case http.StatusUnauthorized:
		explain.Set("WWW-Authenticate", `Basic realm="servertest"`)
	case http.StatusProxyAuthRequired:
		explain.Set("Proxy-Authenticate", `Basic realm="servertest"`)
	case http.StatusUpgradeRequired:
		explain.Set("Sec-WebSocket-Version", "8, 7")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		explain.Set("Retry-After", "7")
	}
	body := c.param("body", http.StatusText(code)+" (servertest)\n")
	if size := c.intParam("size", 0); size > 0 {
		body = strings.Repeat("x", size)
	}
	c.respond(code, explain, body)
	drain(c) // closing with unread bytes would be a reset, which can discard the response
}

func endless(c *conn) {
	c.out.WriteString("HTTP/1.1 200 OK\r\nServer: servertest\r\n\r\n")
	for c.out.Flush() == nil {
		c.out.WriteString(strings.Repeat("more and more\n", 100))
		c.sleep(time.Millisecond)
	}
}

func notHTTP(c *conn) {
	c.out.WriteString("SSH-2.0-servertest\r\n")
	drop(c)
}

// badHeader upgrades with one header that is wrong, or absent.
func badHeader(name string, values ...string) func(*conn) {
	return func(c *conn) {
		c.upgrade(http.Header{name: values})
		drain(c)
	}
}
