package server

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPageIsServedWithoutAnUpgrade(t *testing.T) {
	s := serve(t, Options{})
	defer http.DefaultClient.CloseIdleConnections()
	for _, row := range []struct {
		method, path string
		status       int
		mime, has    string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", `<meta name="behaviour" content="echo">`},
		{"GET", "/?name=ann", 200, "text/html; charset=utf-8", "<title>wsx"},
		{"GET", "/page.css", 200, "text/css; charset=utf-8", "prefers-color-scheme"},
		{"GET", "/page.js", 200, "text/javascript; charset=utf-8", "new WebSocket(address)"},
		{"GET", "/json.js", 200, "text/javascript; charset=utf-8", "jsonNode"},
		{"GET", "/../page.go", 426, "text/plain; charset=utf-8", "WebSocket endpoint"},
		{"HEAD", "/", 200, "text/html; charset=utf-8", ""},
		{"GET", "/favicon.ico", 204, "", ""},
		{"GET", "/index.html", 426, "text/plain; charset=utf-8", "WebSocket endpoint"},
		{"GET", "/socket", 426, "text/plain; charset=utf-8", "WebSocket endpoint"},
		{"POST", "/", 405, "text/plain; charset=utf-8", "only GET"},
	} {
		request, _ := http.NewRequest(row.method, "http://"+s.Addr().String()+row.path, nil)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != row.status || response.Header.Get("Content-Type") != row.mime || !strings.Contains(string(body), row.has) {
			t.Errorf("%s %s: %d %q %q", row.method, row.path, response.StatusCode, response.Header, body)
		}
		if response.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", row.path)
		}
		csp := response.Header.Get("Content-Security-Policy")
		if row.status == 200 && (!strings.HasPrefix(csp, "default-src 'none'; ") || strings.Contains(csp, "unsafe")) {
			t.Errorf("%s has the policy %q", row.path, csp)
		}
	}
}
