package proxytest

import (
	"cmp"
	"encoding/base64"
	"io"
	"net/http"
)

// HTTP is an HTTP proxy that opens tunnels (RFC 9110, section 9.3.6).
type HTTP struct {
	Login string // the USER:PASS that the proxy requires; "" = no login
	To    string // the address that it connects to, whatever is requested; "" = the one that is requested
}

func (p HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.Login != "" && r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(p.Login)) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="here"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	Relay(client, cmp.Or(p.To, r.Host))
}
