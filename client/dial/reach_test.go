package dial

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wsx/errno"
)

// freePort returns a TCP port on which no server listens.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func TestConnectFailures(t *testing.T) {
	resolver := nameServer(t, map[string][]string{
		"silent.example": {}, "four.example": {"127.0.0.1"}, "six.example": {"::1"},
	})
	port := freePort(t)
	noServer := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errno.Refused }}
	for _, c := range []failureCase{
		{name: "refused", url: "ws://127.0.0.1:" + port, step: TCPStep,
			message: "connect to 127.0.0.1:" + port + ": connection refused", reason: TCPRefused, facts: map[string]string{"port": port}},
		{name: "refused by name", url: "ws://four.example:" + port, step: TCPStep,
			message: "connect to four.example:" + port + ": connection refused", reason: TCPRefused},
		{name: "refused elsewhere", url: "ws://a.example:81", o: Options{ConnectTo: []string{"::127.0.0.1:" + port}}, step: TCPStep,
			message: "connect to 127.0.0.1:" + port + ": connection refused", reason: TCPRefused},
		{name: "no such host", url: "ws://nosuch.example", step: NameStep,
			message: "look up nosuch.example: no such host", reason: NameNotFound, facts: map[string]string{"host": "nosuch.example", "port": "80"}},
		{name: "no answer", url: "ws://silent.example", o: Options{ConnectTimeout: shortTimeout}, step: NameStep,
			message: "look up silent.example: no answer within 100ms", reason: NameTimeout, facts: map[string]string{"host": "silent.example", "port": "80"}},
		{name: "only IPv4", url: "ws://four.example", o: Options{IPv6Only: true}, step: NameStep,
			message: "look up four.example: it has no IPv6 address", reason: NameWrongFamily, facts: map[string]string{"family": "IPv6"}},
		{name: "only IPv6", url: "ws://six.example", o: Options{IPv4Only: true}, step: NameStep,
			message: "look up six.example: it has no IPv4 address", reason: NameWrongFamily, facts: map[string]string{"family": "IPv4"}},
		{name: "IPv4 address", url: "ws://127.0.0.1", o: Options{IPv6Only: true}, step: NameStep,
			message: "look up 127.0.0.1: it has no IPv6 address", reason: NameWrongFamily, facts: map[string]string{"family": "IPv6"}},
	} {
		c.kind, c.o.resolver = ConnectFailed, resolver
		c.run(t)
	}
	failureCase{name: "no name server", url: "ws://a.example", o: Options{resolver: noServer}, kind: ConnectFailed, step: NameStep,
		message: "look up a.example: " + errno.Refused.Error(), reason: NameFailed}.run(t)
}

func TestUnixSocketFailures(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []failureCase{
		{name: "no socket", url: "ws+unix:" + dir + "/none", step: TCPStep,
			message: "connect to " + dir + "/none: no such file", reason: SocketNotFound},
		{name: "not a socket", url: "ws://h/", o: Options{UnixSocket: staleSocket(t, dir)}, step: TCPStep,
			message: "connect to " + dir + "/dead: connection refused", reason: SocketRefused},
	} {
		c.kind = ConnectFailed
		c.run(t)
	}
}

// TestSystemErrors: errors of the system that a test cannot cause.
func TestSystemErrors(t *testing.T) {
	dialError := func(err error) error { return &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)} }
	for _, c := range []struct {
		err     error
		socket  string
		message string
		reason  Reason
	}{
		{errConnectTimeout, "", "connect to a.example:80: no answer within 10s", TCPTimeout},
		{dialError(errno.TimedOut), "", "connect to a.example:80: no answer", TCPNoAnswer},
		{dialError(errno.HostUnreachable), "", "connect to a.example:80: no route to the host", TCPUnreachable},
		{dialError(errno.NetworkUnreachable), "", "connect to a.example:80: the network is unreachable", NoNetwork},
		{dialError(errno.Reset), "", "connect to a.example:80: the connection was reset", TCPReset},
		{dialError(fs.ErrPermission), "/s", "connect to /s: permission denied", SocketPermission},
		{dialError(errors.New("out of memory")), "", "connect to a.example:80: out of memory", TCPFailed},
	} {
		a := &attempt{options: Options{UnixSocket: c.socket}, dialing: "a.example:80", handshake: &Handshake{}}
		failed := a.failure(TCPStep, c.err)
		facts := map[string]string{"host": "a.example", "port": "80"}
		if failed.Error() != c.message || !failed.explains(c.reason, facts) || failed.Kind != ConnectFailed || !errors.Is(failed, c.err) {
			t.Errorf("%v: %q, %s %q; wanted %q, %s", c.err, failed, failed.Reason, failed.facts, c.message, c.reason)
		}
	}
}

// staleSocket returns the path of a unix socket whose server has closed.
func staleSocket(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "dead")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	listener.Close()
	return path
}

func TestHostNames(t *testing.T) {
	address := startServer(t, respondWith(upgradeResponse("")))
	_, port, _ := net.SplitHostPort(address)
	resolver := nameServer(t, map[string][]string{
		"four.example": {"127.0.0.1"}, "both.example": {"::1", "127.0.0.1"}, "xn--bcher-kva.example": {"127.0.0.1"},
	})
	for _, c := range []struct {
		name, url string
		o         Options
		host      string // in the Host header
	}{
		{"by name", "ws://four.example:" + port, Options{}, "four.example:" + port},
		{"beside a dead address", "ws://both.example:" + port, Options{}, "both.example:" + port},
		{"only IPv4", "ws://both.example:" + port, Options{IPv4Only: true}, "both.example:" + port},
		{"international", "ws://bücher.example:" + port, Options{}, "xn--bcher-kva.example:" + port},
		{"resolved", "ws://a.example:" + port, Options{Resolve: []string{"a.example:" + port + ":127.0.0.1"}}, "a.example:" + port},
		{"second resolved address", "ws://a.example:" + port, Options{Resolve: []string{"*:" + port + ":127.0.0.9,127.0.0.1"}}, "a.example:" + port},
		{"resolved, international", "ws://xn--bcher-kva.test:" + port, Options{Resolve: []string{"bücher.test:" + port + ":127.0.0.1"}}, "xn--bcher-kva.test:" + port},
		{"connected to, international", "ws://bücher.test:81", Options{ConnectTo: []string{"BÜCHER.test:81:bücher.example:" + port}}, "xn--bcher-kva.test:81"},
		{"connected to", "ws://a.example", Options{ConnectTo: []string{"a.example:80:127.0.0.1:" + port}}, "a.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.resolver = resolver
			up := dialStream(t, c.url, c.o)
			if sent := up.Handshake.Request[1]; sent != "Host: "+c.host {
				t.Errorf("sent %q, wanted %q", sent, c.host)
			}
			if up.Handshake.Remote != address {
				t.Errorf("connected to %s, wanted %s", up.Handshake.Remote, address)
			}
		})
	}
}

func TestIPv6(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6:", err)
	}
	serveOn(t, listener, respondWith(upgradeResponse("")))
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, host := range []string{"[::1]", "[::1%25lo]"} {
		up := dialStream(t, "ws://"+host+":"+port, Options{IPv6Only: true})
		if sent := up.Handshake.Request[1]; sent != "Host: [::1]:"+port {
			t.Errorf("sent %q", sent)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, respondWith(upgradeResponse("")))
	for _, c := range []struct {
		url     string
		o       Options
		request string
	}{
		{"ws+unix:" + path + ":/chat?x", Options{}, "GET /chat?x HTTP/1.1, Host: localhost"},
		{"ws://a.example:81/y", Options{UnixSocket: path}, "GET /y HTTP/1.1, Host: a.example:81"},
		{"ws+unix:" + path, Options{Env: func(string) string { return "http://127.0.0.1:1" }}, "GET / HTTP/1.1, Host: localhost"},
	} {
		up := dialStream(t, c.url, c.o)
		if got := strings.Join(up.Handshake.Request[:2], ", "); got != c.request {
			t.Errorf("%s sends %q, wanted %q", c.url, got, c.request)
		}
	}
}
