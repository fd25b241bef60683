package dial

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"wsx/server/servertest"
)

// httpProxy is a proxy that lets through whoever sends the Authorization it wants, "" = anybody. It tells where to.
func httpProxy(t *testing.T, wants string) (serve func(net.Conn), asked <-chan string) {
	to := make(chan string, 100)
	return func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		if request.Header.Get("Proxy-Authorization") != wants {
			io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 3\r\n\r\nno\n")
			return
		}
		to <- request.Method + " " + request.RequestURI + " for " + request.Host
		server, err := net.Dial("tcp", request.RequestURI)
		if err != nil {
			io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		join(conn, server)
	}, to
}

// join copies both ways until both sides have ended.
func join(a, b net.Conn) {
	defer b.Close()
	go func() {
		io.Copy(b, a)
		b.Close()
	}()
	io.Copy(a, b)
	a.Close()
}

// socksProxy is a SOCKS 5 proxy with or without a login. To requests for port 1 it answers with reply.
func socksProxy(t *testing.T, login string, reply byte) (serve func(net.Conn), asked <-chan string) {
	to := make(chan string, 100)
	return func(conn net.Conn) {
		r := bufio.NewReader(conn)
		head := make([]byte, 2)
		io.ReadFull(r, head)
		methods := make([]byte, head[1])
		io.ReadFull(r, methods)
		if login != "" {
			if !strings.Contains(string(methods), "\x02") {
				conn.Write([]byte{5, 0xff})
				return
			}
			conn.Write([]byte{5, 2})
			r.ReadByte()
			if user, password := readShort(r), readShort(r); user+":"+password != login {
				conn.Write([]byte{1, 1})
				return
			}
			conn.Write([]byte{1, 0})
		} else {
			conn.Write([]byte{5, 0})
		}
		request := make([]byte, 4)
		io.ReadFull(r, request)
		var host string
		switch request[3] {
		case 1:
			ip := make(net.IP, 4)
			io.ReadFull(r, ip)
			host = ip.String()
		case 3:
			host = readShort(r)
		}
		port := make([]byte, 2)
		io.ReadFull(r, port)
		address := net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1])))
		to <- address
		if reply != 0 {
			conn.Write([]byte{5, reply, 0, 1, 0, 0, 0, 0, 0, 0})
			return
		}
		server, err := net.Dial("tcp", strings.Replace(address, "a.example", "127.0.0.1", 1))
		if err != nil {
			return
		}
		conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		join(conn, server)
	}, to
}

// readShort reads a text that its length precedes, in one byte.
func readShort(r *bufio.Reader) string {
	length, _ := r.ReadByte()
	text := make([]byte, length)
	io.ReadFull(r, text)
	return string(text)
}

func TestHTTPProxy(t *testing.T) {
	ca := servertest.NewAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}
	plain := stranger(t, answers(upgrades("")))
	secure := stranger(t, behindTLS(config, answers(upgrades(""))))
	open, asked := httpProxy(t, "")
	proxy := stranger(t, open)
	_, port, _ := net.SplitHostPort(plain)
	for _, c := range []struct {
		name, url, proxy string
		o                Options
		asks             string
	}{
		{"ws", "ws://" + plain, proxy, Options{}, plain},
		{"wss", "wss://" + secure, "http://" + proxy, Options{}, secure},
		{"https proxy", "ws://" + plain, "https://" + stranger(t, behindTLS(config, open)), Options{}, plain},
		{"wss through https proxy", "wss://" + secure, "https://" + stranger(t, behindTLS(config, open)), Options{}, secure},
		{"from the environment", "ws://" + plain, "", Options{Env: func(name string) string { return map[string]string{"http_proxy": proxy}[name] }}, plain},
		{"by another way", "ws://a.example", proxy, Options{ConnectTo: []string{"a.example:80:127.0.0.1:" + port}}, plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Proxy, c.o.CAFiles = c.proxy, []string{ca.File}
			up := dials(t, c.url, c.o)
			if got, want := <-asked, "CONNECT "+c.asks+" for "+c.asks; got != want {
				t.Errorf("the proxy was asked %q, wanted %q", got, want)
			}
			if up.Handshake.Proxy == "" || up.Handshake.Request[0] != "GET / HTTP/1.1" {
				t.Errorf("handshake: %+v", up.Handshake)
			}
		})
	}
}

func TestProxyLogin(t *testing.T) {
	server := stranger(t, answers(upgrades("")))
	serve, asked := httpProxy(t, basicOf("u", "p@ss"))
	proxy := stranger(t, serve)
	for _, c := range []struct {
		name, proxy, answer string
		prompt              string
	}{
		{"in the URL", "http://u:p%40ss@" + proxy, "", ""},
		{"password asked for", "http://u@" + proxy, "p@ss", "Password of u for proxy http://" + proxy + ": "},
		{"both asked for", proxy, "u:p@ss", "User and password (USER:PASS) for proxy http://" + proxy + ": "},
	} {
		t.Run(c.name, func(t *testing.T) {
			var prompts []string
			up := dials(t, "ws://"+server, Options{Proxy: c.proxy, AskPassword: func(prompt string) (string, error) {
				prompts = append(prompts, prompt)
				return c.answer, nil
			}})
			<-asked
			if got := strings.Join(prompts, "|"); got != c.prompt {
				t.Errorf("asked %q, wanted %q", got, c.prompt)
			}
			if up.Handshake.Proxy != "http://"+proxy+" (the proxy option)" {
				t.Errorf("tells the proxy as %q", up.Handshake.Proxy)
			}
		})
	}
	t.Run("asked only once", func(t *testing.T) {
		asked := 0
		failed := dialFails(t, "ws://"+server, Options{Proxy: proxy, AskPassword: func(string) (string, error) {
			asked++
			return "u:wrong", nil
		}})
		if asked != 1 || failed.Refusal.Status != 407 || string(failed.Refusal.Body) != "no\n" {
			t.Errorf("asked %d times: %v, %+v", asked, failed, failed.Refusal)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		gone := errors.New("the terminal is gone")
		_, err := connect(t.Context(), "ws://"+server, Options{Proxy: proxy, AskPassword: func(string) (string, error) { return "", gone }})
		if !errors.Is(err, gone) {
			t.Errorf("%v", err)
		}
	})
}

func TestSOCKSProxy(t *testing.T) {
	server := stranger(t, answers(upgrades("")))
	_, port, _ := net.SplitHostPort(server)
	open, asked := socksProxy(t, "", 0)
	closed, askedOfClosed := socksProxy(t, "u:p", 0)
	resolver := nameServer(t, map[string][]string{"a.example": {"127.0.0.1"}})
	for _, c := range []struct {
		name, host, proxy string
		asked             <-chan string
		asks              string
	}{
		{"address", "127.0.0.1", "socks5://" + stranger(t, open), asked, "127.0.0.1"},
		{"name looked up here", "a.example", "socks5://" + stranger(t, open), asked, "127.0.0.1"},
		{"name looked up there", "a.example", "socks5h://" + stranger(t, open), asked, "a.example"},
		{"with a login", "127.0.0.1", "socks5://u:p@" + stranger(t, closed), askedOfClosed, "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := dials(t, "ws://"+c.host+":"+port, Options{Proxy: c.proxy, resolver: resolver})
			if got := <-c.asked; got != c.asks+":"+port {
				t.Errorf("the proxy was asked for %q", got)
			}
			if sent := up.Handshake.Request[1]; sent != "Host: "+c.host+":"+port {
				t.Errorf("the server was told %q", sent)
			}
		})
	}
	t.Run("given address", func(t *testing.T) {
		dials(t, "ws://b.example:"+port, Options{Proxy: "socks5://" + stranger(t, open), Resolve: []string{"b.example:" + port + ":127.0.0.1"}})
		if got := <-asked; got != "127.0.0.1:"+port {
			t.Errorf("the proxy was asked for %q", got)
		}
	})
}

func TestExplainedProxies(t *testing.T) {
	const (
		http1 = "connect to 127.0.0.1:1 through proxy http://{address}: "
		socks = "connect to 127.0.0.1:1 through proxy socks5://{address}: "
	)
	withLogin, _ := socksProxy(t, "u:p", 0)
	refusing := func(reply byte) func(net.Conn) {
		serve, _ := socksProxy(t, "", reply)
		return serve
	}
	ca := servertest.NewAuthority(t)
	overHTTP, overSOCKS := Options{Proxy: "{address}"}, Options{Proxy: "socks5://{address}"}
	for _, c := range []unexplained{
		{name: "login missing", serve: answers("HTTP/1.1 407 Proxy Authentication Required\n\n"), o: overHTTP,
			says: http1 + "407 Proxy Authentication Required", hint: "--proxy http://USER:PASS@{address}"},
		{name: "login wrong", serve: answers("HTTP/1.1 407 Proxy Authentication Required\n\n"), o: Options{Proxy: "u:hunter2@{address}"},
			says: http1 + "407 Proxy Authentication Required", hint: "does not accept"},
		{name: "forbidden", serve: answers("HTTP/1.1 403 Forbidden\n\n"), o: overHTTP,
			says: http1 + "403 Forbidden", hint: "does not allow connections to 127.0.0.1:1"},
		{name: "gateway", serve: answers("HTTP/1.1 503 Service Unavailable\n\n"), o: overHTTP,
			says: http1 + "503 Service Unavailable", hint: "cannot reach 127.0.0.1:1"},
		{name: "no proxy", serve: answers("HTTP/1.1 405 Method Not Allowed\n\n"), o: overHTTP,
			says: http1 + "405 Method Not Allowed", hint: "does not know CONNECT"},
		{name: "teapot", serve: answers("HTTP/1.1 418 Teapot\n\n"), o: overHTTP, says: http1 + "418 Teapot"},
		{name: "silence", serve: hangs, o: Options{Proxy: "{address}", ConnectTimeout: moment}, says: http1 + "no answer within 100ms", hint: "says nothing"},
		{name: "garbage", serve: sends("220 mail ready\r\n"), o: overHTTP, says: http1 + `the answer is not HTTP: "220 mail ready\r\n"`, hint: "port of the proxy"},
		{name: "hang up", serve: hangsUp, o: overHTTP, says: http1 + "the proxy closed the connection without an answer", hint: "socks5h://{address}"},
		{name: "SOCKS instead of HTTP", serve: sends("\x05\xff"), o: Options{Proxy: "{address}", ConnectTimeout: moment},
			says: http1 + "no answer within 100ms", hint: "port right"},
		{name: "SOCKS instead of HTTP, at length", serve: sends("\x05\xff\x00\x00\x00"), o: overHTTP, says: http1 + "it does not speak HTTP, it answers in SOCKS", hint: "socks5h://{address}"},
		{name: "no TLS", serve: sends("HTTP/1.1 400 Bad Request\r\n\r\n"), o: Options{Proxy: "https://{address}"},
			says: strings.Replace(http1, "http", "https", 1) + "the proxy does not speak TLS", hint: "http://{address}"},
		{name: "proxy's certificate", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{servertest.NewAuthority(t).Issue(true, nil)}}, hangs), o: Options{Proxy: "https://{address}"},
			says: strings.Replace(http1, "http", "https", 1) + "its certificate is signed by an unknown authority", hint: "--ca FILE"},
		{name: "proxy's name", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{ca.Issue(false, func(c *x509.Certificate) { c.IPAddresses = nil })}}, hangs), o: Options{Proxy: "https://{address}", CAFiles: []string{ca.File}},
			says: strings.Replace(http1, "http", "https", 1) + "its certificate is not accepted: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs", hint: "-k"},

		{name: "SOCKS login missing", serve: withLogin, o: overSOCKS, says: socks + "the proxy wants a user and password", hint: "socks5://USER:PASS@{address}"},
		{name: "SOCKS login wrong", serve: withLogin, o: Options{Proxy: "socks5://u:wrong@{address}"}, says: socks + "the proxy does not accept this user and password", hint: "USER:PASS"},
		{name: "SOCKS forbidden", serve: refusing(2), o: overSOCKS, says: socks + "the proxy says: connection not allowed by ruleset", hint: "does not allow"},
		{name: "SOCKS refused", serve: refusing(5), o: overSOCKS, says: socks + "the proxy says: connection refused", hint: "seen from the proxy"},
		{name: "SOCKS unreachable", serve: refusing(4), o: overSOCKS, says: socks + "the proxy says: host unreachable", hint: "socks5h"},
		{name: "SOCKS failure", serve: refusing(1), o: overSOCKS, says: socks + "the proxy says: general SOCKS server failure", hint: "cannot reach"},
		{name: "HTTP instead of SOCKS", serve: sends("HTTP/1.1 400 Bad Request\r\n\r\n"), o: overSOCKS, says: socks + "it does not speak SOCKS 5, it answers in HTTP", hint: "http://{address}"},
		{name: "SOCKS 4", serve: sends("\x00\x5b"), o: overSOCKS, says: socks + "it does not speak SOCKS 5", hint: "port of the proxy"},
		{name: "SOCKS silence", serve: hangs, o: Options{Proxy: "socks5://{address}", ConnectTimeout: moment}, says: socks + "no answer within 100ms", hint: "says nothing"},
		{name: "SOCKS hang up", serve: hangsUp, o: overSOCKS, says: socks + "the proxy closed the connection without an answer", hint: "http://{address}"},
	} {
		c.url, c.kind, c.step = "ws://127.0.0.1:1", ConnectFailed, ProxyStep
		c.run(t)
	}
	port := free(t)
	unexplained{name: "proxy is not there", url: "ws://a.example", o: Options{Proxy: "http://127.0.0.1:" + port}, kind: ConnectFailed, step: TCPStep,
		says: "connect to proxy http://127.0.0.1:" + port + ": connection refused", hint: "nothing listens on port " + port}.run(t)
	environment := func(name string) string { return map[string]string{"all_proxy": "http://127.0.0.1:" + port}[name] }
	unexplained{name: "proxy of the environment is not there", url: "ws://a.example", o: Options{Env: environment}, kind: ConnectFailed, step: TCPStep,
		says: "connect to proxy http://127.0.0.1:" + port + ": connection refused", hint: "all_proxy names this proxy; --proxy none"}.run(t)
	environment = func(name string) string { return map[string]string{"http_proxy": "nosuch.example"}[name] }
	unexplained{name: "proxy of the environment has no address", url: "ws://a.example", o: Options{Env: environment, resolver: nameServer(t, nil)}, kind: ConnectFailed, step: NameStep,
		says: "look up nosuch.example: no such host", hint: "http_proxy names this proxy; --proxy none"}.run(t)
	unexplained{name: "name for SOCKS", url: "ws://nosuch.example", serve: hangs, o: Options{Proxy: "socks5://{address}", resolver: nameServer(t, nil)}, kind: ConnectFailed, step: NameStep,
		says: "look up nosuch.example: no such host", hint: "--resolve nosuch.example"}.run(t)
}
