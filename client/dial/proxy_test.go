package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"wsx/server/servertest"
	"wsx/test/proxytest"
)

// httpProxy returns an HTTP proxy that requires a Proxy-Authorization; "" = none. It sends each tunnel request to the channel.
func httpProxy(authorization string) (serve func(net.Conn), requests <-chan string) {
	received := make(chan string, 100)
	return func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		if request.Header.Get("Proxy-Authorization") != authorization {
			io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 3\r\n\r\nno\n")
			return
		}
		received <- request.Method + " " + request.RequestURI + " for " + request.Host
		server, err := net.Dial("tcp", request.RequestURI)
		if err != nil {
			io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		join(conn, server)
	}, received
}

// join copies in both directions until both sides have ended.
func join(a, b net.Conn) {
	defer b.Close()
	go func() {
		io.Copy(b, a)
		b.Close()
	}()
	io.Copy(a, b)
	a.Close()
}

// socksProxy returns a SOCKS 5 proxy that requires a login; "" = none. It refuses requests with reply; 0 = it connects.
func socksProxy(login string, reply byte) (serve func(net.Conn), requests <-chan string) {
	received := make(chan string, 100)
	return proxytest.SOCKS{Login: login, Connect: func(address string) (net.Conn, byte) {
		received <- address
		if reply != 0 {
			return nil, reply
		}
		server, err := net.Dial("tcp", strings.Replace(address, "a.example", "127.0.0.1", 1))
		if err != nil {
			return nil, 1
		}
		return server, 0
	}}.Serve, received
}

func TestHTTPProxy(t *testing.T) {
	ca := servertest.NewAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}
	plain := startServer(t, respondWith(upgradeResponse("")))
	secure := startServer(t, behindTLS(config, respondWith(upgradeResponse(""))))
	open, requests := httpProxy("")
	proxy := startServer(t, open)
	_, port, _ := net.SplitHostPort(plain)
	for _, c := range []struct {
		name, url, proxy string
		o                Options
		target           string
	}{
		{"ws", "ws://" + plain, proxy, Options{}, plain},
		{"wss", "wss://" + secure, "http://" + proxy, Options{}, secure},
		{"https proxy", "ws://" + plain, "https://" + startServer(t, behindTLS(config, open)), Options{}, plain},
		{"wss through https proxy", "wss://" + secure, "https://" + startServer(t, behindTLS(config, open)), Options{}, secure},
		{"from the environment", "ws://" + plain, "", Options{Env: func(name string) string { return map[string]string{"http_proxy": proxy}[name] }}, plain},
		{"with connect-to", "ws://a.example", proxy, Options{ConnectTo: []string{"a.example:80:127.0.0.1:" + port}}, plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Proxy, c.o.CAFiles = c.proxy, []string{ca.File}
			up := dialStream(t, c.url, c.o)
			if got, want := <-requests, "CONNECT "+c.target+" for "+c.target; got != want {
				t.Errorf("the proxy received %q, wanted %q", got, want)
			}
			if up.Handshake.Proxy == "" || up.Handshake.Request[0] != "GET / HTTP/1.1" {
				t.Errorf("handshake: %+v", up.Handshake)
			}
		})
	}
}

func TestProxyLogin(t *testing.T) {
	server := startServer(t, respondWith(upgradeResponse("")))
	serve, requests := httpProxy(basicOf("u", "p@ss"))
	proxy := startServer(t, serve)
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
			up := dialStream(t, "ws://"+server, Options{Proxy: c.proxy, AskPassword: func(_ context.Context, prompt string) (string, error) {
				prompts = append(prompts, prompt)
				return c.answer, nil
			}})
			<-requests
			if got := strings.Join(prompts, "|"); got != c.prompt {
				t.Errorf("prompts %q, wanted %q", got, c.prompt)
			}
			if up.Handshake.Proxy != "http://"+proxy+" (the proxy option)" {
				t.Errorf("the handshake names the proxy %q", up.Handshake.Proxy)
			}
		})
	}
	t.Run("prompted only once", func(t *testing.T) {
		prompts := 0
		failed := dialFails(t, "ws://"+server, Options{Proxy: proxy, AskPassword: func(context.Context, string) (string, error) {
			prompts++
			return "u:wrong", nil
		}})
		if prompts != 1 || failed.Refusal.Status != 407 || string(failed.Refusal.Body) != "no\n" {
			t.Errorf("%d prompts: %v, %+v", prompts, failed, failed.Refusal)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		noTerminal := errors.New("no terminal")
		_, err := connect(t.Context(), "ws://"+server, Options{Proxy: proxy, AskPassword: func(context.Context, string) (string, error) { return "", noTerminal }})
		if !errors.Is(err, noTerminal) {
			t.Errorf("%v", err)
		}
	})
}

func TestSOCKSProxy(t *testing.T) {
	server := startServer(t, respondWith(upgradeResponse("")))
	_, port, _ := net.SplitHostPort(server)
	open, requests := socksProxy("", 0)
	withLogin, requestsWithLogin := socksProxy("u:p", 0)
	resolver := nameServer(t, map[string][]string{"a.example": {"127.0.0.1"}})
	for _, c := range []struct {
		name, host, proxy string
		requests          <-chan string
		target            string
	}{
		{"address", "127.0.0.1", "socks5://" + startServer(t, open), requests, "127.0.0.1"},
		{"name looked up here", "a.example", "socks5://" + startServer(t, open), requests, "127.0.0.1"},
		{"name looked up by the proxy", "a.example", "socks5h://" + startServer(t, open), requests, "a.example"},
		{"with a login", "127.0.0.1", "socks5://u:p@" + startServer(t, withLogin), requestsWithLogin, "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := dialStream(t, "ws://"+c.host+":"+port, Options{Proxy: c.proxy, resolver: resolver})
			if got := <-c.requests; got != c.target+":"+port {
				t.Errorf("the proxy received %q", got)
			}
			if sent := up.Handshake.Request[1]; sent != "Host: "+c.host+":"+port {
				t.Errorf("the server received %q", sent)
			}
		})
	}
	t.Run("given address", func(t *testing.T) {
		dialStream(t, "ws://b.example:"+port, Options{Proxy: "socks5://" + startServer(t, open), Resolve: []string{"b.example:" + port + ":127.0.0.1"}})
		if got := <-requests; got != "127.0.0.1:"+port {
			t.Errorf("the proxy received %q", got)
		}
	})
}

func TestProxyFailures(t *testing.T) {
	const (
		http1 = "connect to 127.0.0.1:1 through proxy http://{address}: "
		socks = "connect to 127.0.0.1:1 through proxy socks5://{address}: "
	)
	withLogin, _ := socksProxy("u:p", 0)
	refusing := func(reply byte) func(net.Conn) {
		serve, _ := socksProxy("", reply)
		return serve
	}
	ca := servertest.NewAuthority(t)
	overHTTP, overSOCKS := Options{Proxy: "{address}"}, Options{Proxy: "socks5://{address}"}
	for _, c := range []failureCase{
		{name: "login missing", serve: respondWith("HTTP/1.1 407 Proxy Authentication Required\n\n"), o: overHTTP,
			message: http1 + "407 Proxy Authentication Required", reason: ProxyLoginRequired, facts: map[string]string{"proxyscheme": "http", "proxyaddress": "{address}"}},
		{name: "login wrong", serve: respondWith("HTTP/1.1 407 Proxy Authentication Required\n\n"), o: Options{Proxy: "u:hunter2@{address}"},
			message: http1 + "407 Proxy Authentication Required", reason: ProxyLoginRejected},
		{name: "forbidden", serve: respondWith("HTTP/1.1 403 Forbidden\n\n"), o: overHTTP,
			message: http1 + "403 Forbidden", reason: ProxyForbidden, facts: map[string]string{"host": "127.0.0.1", "port": "1"}},
		{name: "gateway", serve: respondWith("HTTP/1.1 503 Service Unavailable\n\n"), o: overHTTP,
			message: http1 + "503 Service Unavailable", reason: ProxyBadGateway, facts: map[string]string{"host": "127.0.0.1", "port": "1"}},
		{name: "no proxy", serve: respondWith("HTTP/1.1 405 Method Not Allowed\n\n"), o: overHTTP,
			message: http1 + "405 Method Not Allowed", reason: NotAProxy},
		{name: "teapot", serve: respondWith("HTTP/1.1 418 Teapot\n\n"), o: overHTTP, message: http1 + "418 Teapot", reason: ProxyStatus},
		{name: "silence", serve: neverRespond, o: Options{Proxy: "{address}", ConnectTimeout: shortTimeout}, message: http1 + "no answer within 100ms", reason: ProxySilent},
		{name: "garbage", serve: sendAtOnce("220 mail ready\r\n"), o: overHTTP, message: http1 + `the response is not HTTP: "220 mail ready\r\n"`, reason: ProxyNotHTTP},
		{name: "closed", serve: readAndClose, o: overHTTP, message: http1 + "the proxy closed the connection without an answer", reason: HTTPProxyClosed, facts: map[string]string{"proxyaddress": "{address}"}},
		{name: "SOCKS instead of HTTP", serve: sendAtOnce("\x05\xff"), o: Options{Proxy: "{address}", ConnectTimeout: shortTimeout},
			message: http1 + "no answer within 100ms", reason: ProxySilent},
		{name: "SOCKS instead of HTTP, at length", serve: sendAtOnce("\x05\xff\x00\x00\x00"), o: overHTTP, message: http1 + "it does not speak HTTP, but SOCKS", reason: ProxyAnsweredSOCKS, facts: map[string]string{"proxyaddress": "{address}"}},
		{name: "no TLS", serve: sendAtOnce("HTTP/1.1 400 Bad Request\r\n\r\n"), o: Options{Proxy: "https://{address}"},
			message: strings.Replace(http1, "http", "https", 1) + "the proxy does not speak TLS", reason: ProxyNotTLS, facts: map[string]string{"proxyaddress": "{address}"}},
		{name: "proxy's certificate", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{servertest.NewAuthority(t).Issue(true, nil)}}, neverRespond), o: Options{Proxy: "https://{address}"},
			message: strings.Replace(http1, "http", "https", 1) + "its certificate is signed by an unknown authority", reason: ProxyUnknownAuthority},
		{name: "proxy's name", serve: behindTLS(&tls.Config{Certificates: []tls.Certificate{ca.Issue(false, func(c *x509.Certificate) { c.IPAddresses = nil })}}, neverRespond), o: Options{Proxy: "https://{address}", CAFiles: []string{ca.File}},
			message: strings.Replace(http1, "http", "https", 1) + "its certificate is not accepted: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs", reason: ProxyCertificate},

		{name: "SOCKS login missing", serve: withLogin, o: overSOCKS, message: socks + "the proxy requires a user and password", reason: SOCKSLoginRequired, facts: map[string]string{"proxyscheme": "socks5", "proxyaddress": "{address}"}},
		{name: "SOCKS login wrong", serve: withLogin, o: Options{Proxy: "socks5://u:wrong@{address}"}, message: socks + "the proxy does not accept this user and password", reason: SOCKSLoginRejected},
		{name: "SOCKS forbidden", serve: refusing(2), o: overSOCKS, message: socks + "the proxy answered: connection not allowed by ruleset", reason: SOCKSForbidden},
		{name: "SOCKS refused", serve: refusing(5), o: overSOCKS, message: socks + "the proxy answered: connection refused", reason: SOCKSTargetRefused},
		{name: "SOCKS unreachable", serve: refusing(4), o: overSOCKS, message: socks + "the proxy answered: host unreachable", reason: SOCKSNameUnreachable},
		{name: "SOCKS failure", serve: refusing(1), o: overSOCKS, message: socks + "the proxy answered: general SOCKS server failure", reason: SOCKSFailed},
		{name: "HTTP instead of SOCKS", serve: sendAtOnce("HTTP/1.1 400 Bad Request\r\n\r\n"), o: overSOCKS, message: socks + "it does not speak SOCKS 5, but HTTP", reason: SOCKSAnsweredHTTP, facts: map[string]string{"proxyaddress": "{address}"}},
		{name: "SOCKS 4", serve: sendAtOnce("\x00\x5b"), o: overSOCKS, message: socks + "it does not speak SOCKS 5", reason: NotSOCKS},
		{name: "SOCKS silence", serve: neverRespond, o: Options{Proxy: "socks5://{address}", ConnectTimeout: shortTimeout}, message: socks + "no answer within 100ms", reason: ProxySilent},
		{name: "SOCKS hang up", serve: readAndClose, o: overSOCKS, message: socks + "the proxy closed the connection without an answer", reason: SOCKSProxyClosed, facts: map[string]string{"proxyaddress": "{address}"}},
	} {
		c.url, c.kind, c.step = "ws://127.0.0.1:1", ConnectFailed, ProxyStep
		c.run(t)
	}
	port := freePort(t)
	failureCase{name: "proxy is not there", url: "ws://a.example", o: Options{Proxy: "http://127.0.0.1:" + port}, kind: ConnectFailed, step: TCPStep,
		message: "connect to proxy http://127.0.0.1:" + port + ": connection refused", reason: TCPRefused, facts: map[string]string{"port": port}}.run(t)
	environment := func(name string) string { return map[string]string{"all_proxy": "http://127.0.0.1:" + port}[name] }
	failureCase{name: "proxy of the environment is not there", url: "ws://a.example", o: Options{Env: environment}, kind: ConnectFailed, step: TCPStep,
		message: "connect to proxy http://127.0.0.1:" + port + ": connection refused", reason: ProxyRefused, facts: map[string]string{"variable": "all_proxy"}}.run(t)
	environment = func(name string) string { return map[string]string{"http_proxy": "nosuch.example"}[name] }
	failureCase{name: "proxy of the environment has no address", url: "ws://a.example", o: Options{Env: environment, resolver: nameServer(t, nil)}, kind: ConnectFailed, step: NameStep,
		message: "look up nosuch.example: no such host", reason: ProxyNameNotFound, facts: map[string]string{"variable": "http_proxy"}}.run(t)
	failureCase{name: "name for SOCKS", url: "ws://nosuch.example", serve: neverRespond, o: Options{Proxy: "socks5://{address}", resolver: nameServer(t, nil)}, kind: ConnectFailed, step: NameStep,
		message: "look up nosuch.example: no such host", reason: NameNotFound, facts: map[string]string{"host": "nosuch.example"}}.run(t)
}
