//go:build unix

package dial

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wsx/server"
	"wsx/server/servertest"
)

func TestRealNodeHTTP2(t *testing.T) {
	node := requireProgram(t, "node")
	port := freePort(t)
	startProgram(t, "127.0.0.1:"+port, node, "testdata/http2_echo.js", port)
	url := "ws://127.0.0.1:" + port
	exchangeMessages(t, url+"/x?y=z", Options{HTTP: HTTP2, Subprotocols: []string{"a", "b"}, NoCompress: true}, transports()[0])
	failed := dialFails(t, url+"/403", Options{HTTP: HTTP2})
	if failed.Why != "403 Forbidden" || failed.Refusal == nil || string(failed.Refusal.Body) != "go away" || failed.Refusal.Explaining[0] != "server: node" {
		t.Errorf("%v: %+v", failed, failed.Refusal)
	}
}

// bundleFile writes a certificate and its key to one file, as HAProxy reads them.
func bundleFile(t *testing.T, ca *servertest.Authority) string {
	t.Helper()
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	var both []byte
	for _, file := range []string{certFile, keyFile} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, text...)
	}
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(bundle, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return bundle
}

// TestRealHAProxyHTTP2: HAProxy forwards WebSocket over HTTP/2 to a server that speaks HTTP/1.1.
func TestRealHAProxyHTTP2(t *testing.T) {
	haproxy := requireProgram(t, "haproxy")
	backend, err := server.Listen(t.Context(), server.Options{Addr: "127.0.0.1:0", Subprotocols: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Shutdown(t.Context()) })
	ca := servertest.NewAuthority(t)
	conf, address := configFile(t, fmt.Sprintf(`
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend f
  bind 127.0.0.1:{port} ssl crt %s alpn h2,http/1.1
  http-request deny deny_status 429 hdr Retry-After 7 if { path /busy }
  default_backend b
backend b
  server s %s
`, bundleFile(t, ca), backend.Addr()))
	startProgram(t, address, haproxy, "-db", "-f", conf)
	o := Options{HTTP: HTTP2, CAFiles: []string{ca.File}, Subprotocols: []string{"a", "b"}}
	exchangeMessages(t, "wss://"+address+"/x?y=z", o, transports()[1])
	if failed := dialFails(t, "wss://"+address+"/busy", o); failed.Refusal == nil || failed.Refusal.Status != 429 || !failed.explains(RetryLater, map[string]string{"retryafter": "7s"}) {
		t.Errorf("%v, %s %q", failed, failed.Reason, failed.facts)
	}
}

// TestRealNginxHTTP2: nginx speaks HTTP/2, but not WebSocket over it.
func TestRealNginxHTTP2(t *testing.T) {
	nginx := requireProgram(t, "nginx")
	ca := servertest.NewAuthority(t)
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	conf, address := configFile(t, fmt.Sprintf(`
daemon off;
pid {dir}/pid;
error_log {dir}/log;
events { }
http {
  access_log off;
  client_body_temp_path {dir};
  proxy_temp_path {dir};
  fastcgi_temp_path {dir};
  uwsgi_temp_path {dir};
  scgi_temp_path {dir};
  server {
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate %s;
    ssl_certificate_key %s;
  }
}
`, certFile, keyFile))
	startProgram(t, address, nginx, "-c", conf)
	failed := dialFails(t, "wss://"+address, Options{HTTP: HTTP2, CAFiles: []string{ca.File}})
	if failed.Kind != HandshakeFailed || failed.Why != "the server supports HTTP/2, but not WebSocket over it (RFC 8441)" {
		t.Errorf("%v", failed)
	}
}

// serveGo names the variable with the address on which this program is the server of TestRealGoHTTP2.
const serveGo = "WSX_TEST_SERVE_GO_HTTP2"

// TestRealGoHTTP2 connects to net/http, which accepts an extended CONNECT only if GODEBUG allowed it at the start.
func TestRealGoHTTP2(t *testing.T) {
	address := "127.0.0.1:" + freePort(t)
	t.Setenv(serveGo, address)
	t.Setenv("GODEBUG", "http2xconnect=1")
	startProgram(t, address, os.Args[0], "-test.run=^TestServeGoHTTP2$")
	dialEcho(t, "ws://"+address, Options{HTTP: HTTP2})
}

// TestServeGoHTTP2 is the server of TestRealGoHTTP2.
func TestServeGoHTTP2(t *testing.T) {
	address := os.Getenv(serveGo)
	if address == "" {
		t.Skip("this is the server of another test")
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	httpServer := &http.Server{Addr: address, Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get(":protocol") != "websocket" {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusOK)
		out := http.NewResponseController(w)
		out.Flush()
		for p := make([]byte, 1024); ; {
			n, err := r.Body.Read(p)
			w.Write(p[:n])
			out.Flush()
			if err != nil {
				return
			}
		}
	})}
	t.Log(httpServer.ListenAndServe())
}

// TestHTTP2ThroughProxies: a proxy is asked for a tunnel, not to forward requests.
func TestHTTP2ThroughProxies(t *testing.T) {
	target := startServer(t, echoHTTP2)
	connects, requests := httpProxy("")
	socks, socksRequests := socksProxy("", 0)
	for _, proxy := range []struct {
		url      string
		requests <-chan string
	}{{"http://" + startServer(t, connects), requests}, {"socks5h://" + startServer(t, socks), socksRequests}} {
		up := dialEcho(t, "ws://"+target, Options{HTTP: HTTP2, Proxy: proxy.url})
		if request := await(t, proxy.requests); !strings.Contains(request, target) || !strings.HasPrefix(up.Handshake.Proxy, proxy.url) {
			t.Errorf("the proxy received %q; %s", request, up.Handshake.Proxy)
		}
	}
}

func TestHTTP2OverAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, echoHTTP2)
	dialEcho(t, "ws+unix:"+path, Options{HTTP: HTTP2})
	dialEcho(t, "ws://example.com", Options{HTTP: HTTP2, UnixSocket: path})
}
