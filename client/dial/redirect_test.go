package dial

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wsx/server/servertest"
)

// redirectServer redirects the paths in redirects, and upgrades all others. It sends a summary of each request to the channel.
func redirectServer(t *testing.T, config *tls.Config, redirects map[string]string) (address string, requests <-chan string) {
	received := make(chan string, 100)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		certificate := r.TLS != nil && len(r.TLS.PeerCertificates) > 0
		received <- fmt.Sprintf("%s auth=%s cookie=%s key=%s own=%t cert=%t", r.URL.RequestURI(),
			r.Header.Get("Authorization"), r.Header.Get("Cookie"), r.Header.Get("X-Api-Key"), r.Host == "own.example", certificate)
		if location, redirected := redirects[r.URL.RequestURI()]; redirected {
			w.Header().Set("Location", location)
			w.Header().Add("Set-Cookie", "seen=1; Path=/; Domain=127.0.0.1")
			w.WriteHeader(http.StatusTemporaryRedirect)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, strings.NewReplacer("\n", "\r\n", "{accept}", accept(r.Header.Get("Sec-WebSocket-Key"))).Replace(upgradeResponse("")))
	}))
	if server.TLS = config; config != nil {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), received
}

func TestRedirects(t *testing.T) {
	end, requestsOfEnd := redirectServer(t, nil, nil)
	start, requestsOfStart := redirectServer(t, nil, map[string]string{
		"/relative": "there?x", "/absolute": "/there", "/schemeless": "//" + end + "/end", "/http": "http://" + end + "/end", "/ws": "ws://" + end + "/end#top",
		"/1": "2", "/2": "3", "/3": "4", "/login": "ws://v:q@" + end + "/end",
	})
	known := "auth=" + basicOf("u", "p") + " cookie=c=1"
	for _, c := range []struct{ path, want string }{
		{"/there", "/there " + known + " key=k own=true cert=false"},
		{"/relative", "/there?x " + known + "; seen=1 key=k own=true cert=false"},
		{"/absolute", "/there " + known + "; seen=1 key=k own=true cert=false"},
		{"/2", "/4 " + known + "; seen=1 key=k own=true cert=false"},
		{"/3", "/4 " + known + "; seen=1 key=k own=true cert=false"},
		{"/1", "/4 " + known + "; seen=1 key=k own=true cert=false"},
		{"/schemeless", "/end auth= cookie=seen=1 key= own=false cert=false"},
		{"/http", "/end auth= cookie=seen=1 key= own=false cert=false"},
		{"/ws", "/end auth= cookie=seen=1 key= own=false cert=false"},
		{"/login", "/end auth=" + basicOf("v", "q") + " cookie=seen=1 key= own=false cert=false"},
	} {
		t.Run(c.path, func(t *testing.T) {
			up := dialStream(t, "ws://u:p@"+start+c.path, Options{
				FollowRedirects: true, MaxRedirects: 3, Host: "own.example", Cookies: []string{"c=1"}, Header: []HeaderLine{{Name: "X-Api-Key", Value: "k"}},
			})
			last := ""
			for len(requestsOfStart) > 0 {
				last = <-requestsOfStart
			}
			host := start
			if len(requestsOfEnd) > 0 {
				last, host = <-requestsOfEnd, end
			}
			if last != c.want {
				t.Errorf("the last server received\n%s, wanted\n%s", last, c.want)
			}
			path, _, _ := strings.Cut(c.want, " ")
			if redirects := up.Handshake.Redirects; c.path == "/there" && redirects != nil || c.path == "/2" && (len(redirects) != 2 || redirects[0] != "307 from ws://"+start+"/2 to ws://"+start+"/3") {
				t.Errorf("redirects %q", redirects)
			}
			if up.Handshake.URL != "ws://"+host+path {
				t.Errorf("ended at %s", up.Handshake.URL)
			}
		})
	}
}

func TestRedirectsNotFollowed(t *testing.T) {
	start, _ := redirectServer(t, nil, map[string]string{"/": "/there"})
	for _, c := range []struct {
		o       Options
		message string
	}{
		{Options{}, "307 Temporary Redirect"},
		{Options{FollowRedirects: true, MaxRedirects: -1}, "the server redirected more than 0 times"},
	} {
		failed := dialFails(t, "ws://"+start, c.o)
		if failed.Why != c.message || failed.Refusal == nil || failed.Refusal.Header.Get("Location") != "/there" {
			t.Errorf("%v, %+v", failed, failed.Refusal)
		}
	}
}

// TestRedirectsBehindTLS: a client certificate and a server name are for the first host only.
func TestRedirectsBehindTLS(t *testing.T) {
	ca := servertest.NewAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}, ClientAuth: tls.RequestClientCert, ClientCAs: x509.NewCertPool()}
	end, requestsOfEnd := redirectServer(t, config.Clone(), nil)
	start, requestsOfStart := redirectServer(t, config.Clone(), map[string]string{"/away": "https://" + end + "/end", "/near": "/there"})
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	o := Options{FollowRedirects: true, CAFiles: []string{ca.File}, CertFile: certFile, KeyFile: keyFile, ServerName: "localhost"}

	dialStream(t, "wss://"+start+"/near", o)
	<-requestsOfStart
	if request := <-requestsOfStart; !strings.HasSuffix(request, "cert=true") {
		t.Errorf("the same server received %s", request)
	}
	dialStream(t, "wss://"+start+"/away", o)
	if request := <-requestsOfEnd; !strings.HasSuffix(request, "cert=false") {
		t.Errorf("another server received %s", request)
	}
}

func TestRelocate(t *testing.T) {
	for _, c := range []struct{ from, location, want string }{
		{"ws://a.example/x/y?z", "w", "ws://a.example/x/w"},
		{"ws://a.example/x/y", "../w", "ws://a.example/w"},
		{"ws://a.example/x?y", "?z", "ws://a.example/x?z"},
		{"ws://a.example:81/x%2Fy/z", "w", "ws://a.example:81/x%2Fy/w"},
		{"wss://a.example/", "//b.example/é", "wss://b.example/%C3%A9"},
		{"ws://a.example/", "https://b.example", "wss://b.example/"},
		{"wss://[::1]/", "/x", "wss://[::1]/x"},
		{"ws+unix:/s:/x", "/y", "ws+unix:/s:/y"},
		{"ws+unix:/s:/x", "http://localhost/y", "ws+unix:/s:/y"},
		{"ws+unix:/s:/x", "http://b.example/y", "ws://b.example/y"},
	} {
		from, err := ParseURL(c.from)
		if err != nil {
			t.Fatal(err)
		}
		got, err := relocate(from, c.location)
		if err != nil || got.String() != c.want {
			t.Errorf("%s and %q lead to %s, %v; wanted %s", c.from, c.location, got, err, c.want)
		}
	}
	for _, location := range []string{"http://[::1", "javascript:alert(1)", "mailto:a@b", "ws://b.example:0", "\x00", "ws+unix:/run/docker.sock:/"} {
		if got, err := relocate(Target{Host: "a.example", Port: "80", Path: "/"}, location); err == nil {
			t.Errorf("%q leads to %s", location, got)
		}
	}
}

// FuzzRelocate: a redirect leads to a WebSocket URL that fits into a request line, and never from wss to ws.
func FuzzRelocate(f *testing.F) {
	for _, seed := range []string{"/x", "//b.example/", "https://u:p@b.example:1/?a b#c", "?", "../..", "javascript:x", "ws://[fe80::1%25lo]/"} {
		f.Add(seed)
	}
	from := Target{Secure: true, Host: "a.example", Port: "443", Path: "/x?y"}
	f.Fuzz(func(t *testing.T, location string) {
		next, err := relocate(from, location)
		if err != nil {
			return
		}
		if !next.Secure || !isPort(next.Port) || !strings.HasPrefix(next.Path, "/") || strings.ContainsAny(next.Path+next.authority(), " \t\r\n#") {
			t.Fatalf("%q leads to %+v", location, next)
		}
	})
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 5000)
	for _, c := range []struct {
		name   string
		serve  func(net.Conn)
		length int
	}{
		{"whole", respondWith("HTTP/1.1 404 Not Found\nServer: s\nX-Other: o\nWWW-Authenticate: a\nwww-authenticate: b\n\n" + body[:100]), 100},
		{"long", respondWith("HTTP/1.1 404 Not Found\nServer: s\nContent-Length: 5000\nWWW-Authenticate: a\nwww-authenticate: b\n\n" + body), maxRefusalBody},
		{"endless", func(conn net.Conn) {
			respondWith("HTTP/1.1 404 Not Found\nServer: s\nWWW-Authenticate: a\nwww-authenticate: b\n\n")(conn)
			for {
				if _, err := io.WriteString(conn, body); err != nil {
					return
				}
			}
		}, maxRefusalBody},
		{"stuck", func(conn net.Conn) {
			respondWith("HTTP/1.1 404 Not Found\nServer: s\nContent-Length: 5000\nWWW-Authenticate: a\nwww-authenticate: b\n\n" + body[:100])(conn)
			neverRespond(conn)
		}, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal := dialFails(t, "ws://"+startServer(t, c.serve), Options{}).Refusal
			if refusal.Status != 404 || refusal.StatusLine != "HTTP/1.1 404 Not Found" || len(refusal.Body) != c.length {
				t.Errorf("status %d, line %q, %d bytes of body, wanted %d", refusal.Status, refusal.StatusLine, len(refusal.Body), c.length)
			}
			if got := strings.Join(refusal.Explaining, "|"); got != "Server: s|WWW-Authenticate: a|www-authenticate: b" {
				t.Errorf("explained by %q", got)
			}
		})
	}
}
