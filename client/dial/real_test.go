//go:build unix

package dial

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wsx/server/servertest"
)

// These tests run other servers and proxies. Each is skipped where its program is not installed.

// startProgram runs a server in the foreground until the test ends, and returns when it accepts connections on address.
func startProgram(t *testing.T, address, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // some start children
	output := &strings.Builder{}
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		if len(ended) > 0 || time.Now().After(deadline) {
			syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			err := <-ended
			ended <- err
			t.Fatalf("%s does not listen: %v\n%s", name, err, output)
		}
	}
}

// requireProgram returns the path of a program, and skips the test if it is not installed.
func requireProgram(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		if path := filepath.Join(dir, name); isExecutable(path) {
			return path
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func isExecutable(path string) bool {
	found, err := os.Stat(path)
	return err == nil && found.Mode()&0o111 != 0 && !found.IsDir()
}

// configFile writes a configuration in a folder where any user may write. {dir} is that folder, {port} a free port, of
// which the address is returned.
func configFile(t *testing.T, text string) (path, address string) {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	path = filepath.Join(dir, "conf")
	text = strings.NewReplacer("{dir}", dir, "{port}", port).Replace(text)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path, "127.0.0.1:" + port
}

// upgradeAndEcho upgrades the connection, then sends back each byte it receives.
func upgradeAndEcho(conn net.Conn) {
	respond(conn, strings.ReplaceAll(upgradeResponse(""), "\n", "\r\n"))
	io.Copy(conn, conn)
}

// dialEcho dials an echo server, and fails the test unless bytes go both ways.
func dialEcho(t *testing.T, url string, o Options) *Conn {
	t.Helper()
	up := dialStream(t, url, o)
	received := make([]byte, 5)
	io.WriteString(up.Stream, "hello")
	if _, err := io.ReadFull(up.Stream, received); err != nil || string(received) != "hello" {
		t.Errorf("%s: received %q, %v", url, received, err)
	}
	return up
}

// startEchoServers starts an echo server without TLS and one with TLS.
func startEchoServers(t *testing.T) (plain, secure string, ca *servertest.Authority) {
	ca = servertest.NewAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}
	return startServer(t, upgradeAndEcho), startServer(t, behindTLS(config, upgradeAndEcho)), ca
}

func TestRealSquid(t *testing.T) {
	squid := requireProgram(t, "squid")
	plain, secure, ca := startEchoServers(t)
	const common = `
http_port 127.0.0.1:{port}
pid_filename {dir}/pid
cache_log {dir}/log
coredump_dir {dir}
access_log none
cache deny all
shutdown_lifetime 0 seconds
pinger_enable off
visible_hostname squid.example
max_filedescriptors 1024
`
	open, address := configFile(t, common+"acl nine dst 127.0.0.9\nhttp_access deny nine\nhttp_access allow all\n")
	startProgram(t, address, squid, "-N", "-f", open)
	for _, url := range []string{"ws://" + plain, "wss://" + secure} {
		dialEcho(t, url, Options{Proxy: address, CAFiles: []string{ca.File}})
	}
	wantRefusal := func(url, proxy string, status int, reason Reason, facts map[string]string) {
		t.Helper()
		failed := dialFails(t, url, Options{Proxy: proxy})
		if failed.Kind != ConnectFailed || failed.Step != ProxyStep || failed.Refusal == nil || failed.Refusal.Status != status || !failed.explains(reason, facts) {
			t.Errorf("%s through %s: %v, %s %q", url, proxy, failed, failed.Reason, failed.facts)
		}
	}
	wantRefusal("ws://127.0.0.9:80", address, 403, ProxyForbidden, map[string]string{"host": "127.0.0.9", "port": "80"})
	free := freePort(t)
	wantRefusal("ws://127.0.0.1:"+free, address, 503, ProxyBadGateway, map[string]string{"host": "127.0.0.1", "port": free})

	helper := "/usr/lib/squid/basic_ncsa_auth"
	if !isExecutable(helper) {
		t.Skip("squid has no helper for passwords here")
	}
	closed, address := configFile(t, common+"auth_param basic program "+helper+" {dir}/passwords\nacl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n")
	const passwords = "ann:$apr1$abcdefgh$T64oOxnD8c28.dQa.2Lty1\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(closed), "passwords"), []byte(passwords), 0o644); err != nil {
		t.Fatal(err)
	}
	startProgram(t, address, squid, "-N", "-f", closed)
	dialEcho(t, "ws://"+plain, Options{Proxy: "http://ann:open%20sesame@" + address})
	dialEcho(t, "ws://"+plain, Options{Proxy: "ann@" + address, AskPassword: func(context.Context, string) (string, error) { return "open sesame", nil }})
	dialEcho(t, "ws://"+plain, Options{Proxy: address, AskPassword: func(context.Context, string) (string, error) { return "ann:open sesame", nil }})
	wantRefusal("ws://"+plain, address, 407, ProxyLoginRequired, map[string]string{"proxyscheme": "http", "proxyaddress": address})
	wantRefusal("ws://"+plain, "ann:wrong@"+address, 407, ProxyLoginRejected, nil)
}

func TestRealTinyproxy(t *testing.T) {
	tinyproxy := requireProgram(t, "tinyproxy")
	plain, secure, ca := startEchoServers(t)
	conf, address := configFile(t, "Port {port}\nListen 127.0.0.1\nTimeout 20\nMaxClients 20\nAllow 127.0.0.1\nBasicAuth ann sesame\nLogFile \"{dir}/log\"\nPidFile \"{dir}/pid\"\n")
	startProgram(t, address, tinyproxy, "-d", "-c", conf)
	for _, url := range []string{"ws://" + plain, "wss://" + secure} {
		dialEcho(t, url, Options{Proxy: "ann:sesame@" + address, CAFiles: []string{ca.File}})
	}
	for _, c := range []struct {
		url, proxy string
		status     int
		reason     Reason
	}{
		{"ws://" + plain, address, 407, ProxyLoginRequired},
		{"ws://" + plain, "ann:wrong@" + address, 401, ProxyLoginRejected}, // tinyproxy 1.11 should send 407
		{"ws://127.0.0.1:" + freePort(t), "ann:sesame@" + address, 500, ProxyStatus},
	} {
		failed := dialFails(t, c.url, Options{Proxy: c.proxy})
		if failed.Kind != ConnectFailed || failed.Refusal == nil || failed.Refusal.Status != c.status || failed.Reason != c.reason {
			t.Errorf("%s through %s: %v, %s", c.url, c.proxy, failed, failed.Reason)
		}
	}
}

func TestRealDante(t *testing.T) {
	danted := requireProgram(t, "danted")
	plain, secure, ca := startEchoServers(t)
	conf, address := configFile(t, `
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
logoutput: stderr
socksmethod: none
clientmethod: none
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks block { from: 0.0.0.0/0 to: 127.0.0.9/32 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
`)
	startProgram(t, address, danted, "-f", conf, "-p", conf+".pid")
	_, port, _ := net.SplitHostPort(plain)
	for _, scheme := range []string{"socks5", "socks5h"} {
		proxy := Options{Proxy: scheme + "://" + address, CAFiles: []string{ca.File}}
		dialEcho(t, "ws://"+plain, proxy)
		dialEcho(t, "wss://"+secure, proxy)
		dialEcho(t, "ws://localhost:"+port, proxy)
	}
	for _, c := range []struct{ url, message string }{
		{"ws://127.0.0.9:80", "connection not allowed by ruleset"},
		{"ws://127.0.0.1:" + freePort(t), "connection refused"},
	} {
		failed := dialFails(t, c.url, Options{Proxy: "socks5h://" + address})
		if failed.Kind != ConnectFailed || failed.Step != ProxyStep || !strings.Contains(failed.Why, c.message) {
			t.Errorf("%s: %v", c.url, failed)
		}
	}
}

func TestRealNginx(t *testing.T) {
	nginx := requireProgram(t, "nginx")
	plain, _, ca := startEchoServers(t)
	server, client := ca.Issue(false, nil), ca.Issue(false, nil)
	certFile, keyFile := ca.Save(server)
	ourCert, ourKey := ca.Save(client)
	conf, address := configFile(t, `
daemon off; master_process off; pid {dir}/pid; error_log {dir}/log;
events {}
http {
  access_log off;
  client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c; uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
  ssl_certificate `+certFile+`; ssl_certificate_key `+keyFile+`;
  server {
    listen 127.0.0.1:{port} ssl;
    location /chat { proxy_pass http://`+plain+`; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
    location /dropped { proxy_pass http://`+startServer(t, respondWith("HTTP/1.1 426 Upgrade Required\nContent-Length: 0\n\n"))+`; }
    location /gone { proxy_pass http://127.0.0.1:`+freePort(t)+`; }
    location /moved { return 301 /chat; }
    location /page { default_type text/html; return 200 "<h1>hello</h1>"; }
    location /mtls { if ($ssl_client_verify != SUCCESS) { return 496; } return 204; }
    ssl_verify_client optional; ssl_client_certificate `+ca.File+`;
  }
}
`)
	startProgram(t, address, nginx, "-e", filepath.Dir(conf)+"/log", "-p", filepath.Dir(conf), "-c", conf)
	trustingCA := Options{CAFiles: []string{ca.File}}
	dialEcho(t, "wss://"+address+"/chat", trustingCA)
	following := trustingCA
	following.FollowRedirects = true
	if up := dialEcho(t, "wss://"+address+"/moved", following); up.Handshake.URL != "wss://"+address+"/chat" {
		t.Errorf("ended at %s", up.Handshake.URL)
	}
	unknown, unknownKey := ca.Save(servertest.NewAuthority(t).Issue(true, nil))
	for o, reason := range map[*Options]Reason{
		&trustingCA: ClientCertificateRequired, {CAFiles: trustingCA.CAFiles, CertFile: unknown, KeyFile: unknownKey}: ClientCertificateRejected,
	} {
		failed := dialFails(t, "wss://"+address+"/mtls", *o)
		if failed.Kind != TLSFailed || failed.Refusal == nil || failed.Refusal.Status != 400 || failed.Reason != reason {
			t.Errorf("%s: %v, %s", failed.Kind, failed, failed.Reason)
		}
	}
	for _, c := range []struct {
		url    string
		o      Options
		status int
		reason Reason
		facts  map[string]string
	}{
		{"ws://" + address + "/chat", trustingCA, 400, PortWantsTLS, map[string]string{"secure": "wss://" + address + "/chat"}},
		{"wss://" + address + "/dropped", trustingCA, 426, UpgradeRequired, nil},
		{"wss://" + address + "/gone", trustingCA, 502, BadGateway, nil},
		{"wss://" + address + "/moved", trustingCA, 301, Redirected, nil},
		{"wss://" + address + "/page", trustingCA, 200, WebPage, nil},
		{"wss://" + address + "/none", trustingCA, 404, NotFound, map[string]string{"path": "/none"}},
		{"wss://" + address + "/mtls", Options{CAFiles: trustingCA.CAFiles, CertFile: ourCert, KeyFile: ourKey}, 204, NotSwitching, map[string]string{"path": "/mtls"}},
	} {
		failed := dialFails(t, c.url, c.o)
		if failed.Kind != HandshakeFailed || failed.Refusal == nil || failed.Refusal.Status != c.status || !failed.explains(c.reason, c.facts) {
			t.Errorf("%s: %v, %s %q", c.url, failed, failed.Reason, failed.facts)
		}
	}
}

func TestRealHAProxy(t *testing.T) {
	haproxy := requireProgram(t, "haproxy")
	plain, _, ca := startEchoServers(t)
	conf, address := configFile(t, fmt.Sprintf(`
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend f
  bind 127.0.0.1:{port} ssl crt %s
  http-request deny deny_status 429 hdr Retry-After 7 if { path /busy }
  http-request auth realm x if { path /login } !{ req.hdr(authorization) -m found }
  use_backend gone if { path /gone }
  default_backend b
backend b
  server s %s
backend gone
  server s 127.0.0.1:%s
`, bundleFile(t, ca), plain, freePort(t)))
	startProgram(t, address, haproxy, "-db", "-f", conf)
	dialEcho(t, "wss://"+address+"/", Options{CAFiles: []string{ca.File}})
	dialEcho(t, "wss://ann:x@"+address+"/login", Options{CAFiles: []string{ca.File}})
	for _, c := range []struct {
		url    string
		status int
		reason Reason
		facts  map[string]string
	}{
		{"wss://" + address + "/gone", 503, BadGateway, nil},
		{"wss://" + address + "/login", 401, BasicRequired, nil},
		{"wss://" + address + "/busy", 429, RetryLater, map[string]string{"retryafter": "7s"}},
	} {
		failed := dialFails(t, c.url, Options{CAFiles: []string{ca.File}})
		if failed.Refusal == nil || failed.Refusal.Status != c.status || !failed.explains(c.reason, c.facts) {
			t.Errorf("%s: %v, %s %q", c.url, failed, failed.Reason, failed.facts)
		}
	}
	if failed := dialFails(t, "ws://"+address+"/", Options{}); !failed.explains(UpgradeClosed, map[string]string{"secure": "wss://" + address + "/"}) {
		t.Errorf("without TLS: %v, %s %q", failed, failed.Reason, failed.facts)
	}
}
