package server

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestRealNodeHTTP2 serves the HTTP/2 client of Node.
func TestRealNodeHTTP2(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip(err)
	}
	s := serve(t, Options{HTTP2: true, Subprotocols: []string{"b"}})
	out, err := exec.CommandContext(testContext(t), node, "testdata/http2_client.js", "http://"+s.Addr().String()).CombinedOutput()
	const want = "extended true\nstatus 200 b\nreceived 810568656c6c6f880203e8\n"
	if got := strings.ReplaceAll(string(out), "\r", ""); got != want || err != nil {
		t.Errorf("node printed %q (%v), want %q", got, err, want)
	}
}

// TestRealNginxUnixSocket runs nginx as a reverse proxy for a server on a unix socket.
func TestRealNginxUnixSocket(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	back, front := filepath.Join(dir, "back.sock"), filepath.Join(dir, "front.sock")
	s, err := Listen(t.Context(), Options{Addr: "unix:" + back})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutdown(t, s) })
	conf := filepath.Join(dir, "nginx.conf")
	text := strings.NewReplacer("{dir}", dir, "{back}", back, "{front}", front).Replace(`
user root root;
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
    listen unix:{front};
    location / {
      proxy_pass http://unix:{back};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_set_header Host $host;
    }
  }
}
`)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := exec.CommandContext(testContext(t), nginx, "-c", conf)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		proxy.Process.Signal(os.Interrupt)
		proxy.Wait()
	})
	viaProxy := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		for {
			conn, err := new(net.Dialer).DialContext(ctx, "unix", front)
			if err == nil || ctx.Err() != nil {
				return conn, err
			}
			time.Sleep(10 * time.Millisecond) // nginx has not begun to listen
		}
	}}}
	c := dial(t, "ws://localhost/", &websocket.DialOptions{HTTPClient: viaProxy})
	c.send("hello")
	c.expect("hello")
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("close: %v", err)
	}
}
