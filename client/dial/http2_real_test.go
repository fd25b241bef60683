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

	"wsx/cmd/wsx/explain"
	"wsx/server"
	"wsx/server/servertest"
)

func TestRealNodeHTTP2(t *testing.T) {
	node := installed(t, "node")
	port := free(t)
	program(t, "127.0.0.1:"+port, node, "testdata/http2_echo.js", port)
	url := "ws://127.0.0.1:" + port
	talksOverCarriage(t, url+"/x?y=z", Options{HTTP: HTTP2, Subprotocols: []string{"a", "b"}, NoCompress: true}, carriages()[0])
	failed := dialFails(t, url+"/403", Options{HTTP: HTTP2})
	if failed.Why != "403 Forbidden" || failed.Refusal == nil || string(failed.Refusal.Body) != "go away" || failed.Refusal.Explaining[0] != "server: node" {
		t.Errorf("%v: %+v", failed, failed.Refusal)
	}
}

// bundled is a certificate and its key in one file, as haproxy wants them.
func bundled(t *testing.T, ca *servertest.Authority) string {
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

// TestRealHAProxyHTTP2: what comes by HTTP/2 goes on to a server of HTTP/1.1.
func TestRealHAProxyHTTP2(t *testing.T) {
	haproxy := installed(t, "haproxy")
	behind, err := server.Listen(t.Context(), server.Options{Addr: "127.0.0.1:0", Subprotocols: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { behind.Shutdown(t.Context()) })
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
`, bundled(t, ca), behind.Addr()))
	program(t, address, haproxy, "-db", "-f", conf)
	o := Options{HTTP: HTTP2, CAFiles: []string{ca.File}, Subprotocols: []string{"a", "b"}}
	talksOverCarriage(t, "wss://"+address+"/x?y=z", o, carriages()[1])
	if failed := dialFails(t, "wss://"+address+"/busy", o); failed.Refusal == nil || failed.Refusal.Status != 429 || !strings.Contains(explain.Hint(failed), "in 7s") {
		t.Errorf("%v, hint %q", failed, explain.Hint(failed))
	}
}

// TestRealNginxHTTP2: it speaks HTTP/2, and no WebSocket over it.
func TestRealNginxHTTP2(t *testing.T) {
	nginx := installed(t, "nginx")
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
	program(t, address, nginx, "-c", conf)
	failed := dialFails(t, "wss://"+address, Options{HTTP: HTTP2, CAFiles: []string{ca.File}})
	if failed.Kind != HandshakeFailed || failed.Why != "the server speaks HTTP/2, but not WebSocket over it (RFC 8441)" {
		t.Errorf("%v", failed)
	}
}

// serveGo is set, to an address, where this program is to be the server of TestRealGoHTTP2.
const serveGo = "WSX_TEST_SERVE_GO_HTTP2"

// TestRealGoHTTP2 meets net/http, which takes an extended CONNECT only if the environment said so when it started.
func TestRealGoHTTP2(t *testing.T) {
	address := "127.0.0.1:" + free(t)
	t.Setenv(serveGo, address)
	t.Setenv("GODEBUG", "http2xconnect=1")
	program(t, address, os.Args[0], "-test.run=^TestServeGoHTTP2$")
	converses(t, "ws://"+address, Options{HTTP: HTTP2})
}

// TestServeGoHTTP2 is that server, and does nothing else.
func TestServeGoHTTP2(t *testing.T) {
	address := os.Getenv(serveGo)
	if address == "" {
		t.Skip("this is the server of another test")
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	serving := &http.Server{Addr: address, Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	t.Log(serving.ListenAndServe())
}

// TestHTTP2ThroughProxies: a proxy is asked for a connection, and sees nothing of what goes over it.
func TestHTTP2ThroughProxies(t *testing.T) {
	target := stranger(t, echoesHTTP2)
	connects, asked := httpProxy(t, "")
	socks, socksAsked := socksProxy(t, "", 0)
	for _, proxy := range []struct {
		url   string
		asked <-chan string
	}{{"http://" + stranger(t, connects), asked}, {"socks5h://" + stranger(t, socks), socksAsked}} {
		up := converses(t, "ws://"+target, Options{HTTP: HTTP2, Proxy: proxy.url})
		if to := soon(t, proxy.asked); !strings.Contains(to, target) || !strings.HasPrefix(up.Handshake.Proxy, proxy.url) {
			t.Errorf("the proxy was asked for %q; %s", to, up.Handshake.Proxy)
		}
	}
}

func TestHTTP2OverAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	strangerOn(t, listener, echoesHTTP2)
	converses(t, "ws+unix:"+path, Options{HTTP: HTTP2})
	converses(t, "ws://example.com", Options{HTTP: HTTP2, UnixSocket: path})
}
