package servertest

import (
	"net/http"
	"strings"
	"time"
)

func sayRequest(v *visit) {
	var request strings.Builder
	v.request.Write(&request)
	v.upgrade(nil)
	v.put(fin|text, strings.ReplaceAll(strings.TrimSpace(request.String()), "\r\n", "\n"))
	v.then("close")
}

func slowAccept(v *visit) {
	v.sleep(v.milliseconds("ms", 500))
	echo(v)
}

func eager(v *visit) {
	v.answer(nil)
	v.numbered(v.number("n", 3), "eager")
	v.then("close")
}

// status refuses as a server would that wants to be understood.
func status(v *visit) {
	code := v.number("code", http.StatusUnauthorized)
	explain := http.Header{}
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		explain.Set("Location", v.word("location", "/echo"))
	case http.StatusUnauthorized:
		explain.Set("WWW-Authenticate", `Basic realm="adversary"`)
	case http.StatusProxyAuthRequired:
		explain.Set("Proxy-Authenticate", `Basic realm="adversary"`)
	case http.StatusUpgradeRequired:
		explain.Set("Sec-WebSocket-Version", "8, 7")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		explain.Set("Retry-After", "7")
	}
	body := v.word("body", http.StatusText(code)+", says the adversary\n")
	if size := v.number("size", 0); size > 0 {
		body = strings.Repeat("x", size)
	}
	v.respond(code, explain, body)
	drain(v) // closing with unread bytes would be a reset, and could take the answer along
}

func endless(v *visit) {
	v.out.WriteString("HTTP/1.1 200 OK\r\nServer: adversary\r\n\r\n")
	for v.out.Flush() == nil {
		v.out.WriteString(strings.Repeat("more and more\n", 100))
		v.sleep(time.Millisecond)
	}
}

func notHTTP(v *visit) {
	v.out.WriteString("SSH-2.0-adversary\r\n")
	hangUp(v)
}

// badHeader upgrades with one header that is wrong, or absent.
func badHeader(name string, values ...string) func(*visit) {
	return func(v *visit) {
		v.upgrade(http.Header{name: values})
		drain(v)
	}
}
