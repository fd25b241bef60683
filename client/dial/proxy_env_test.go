package dial

import (
	"testing"
)

func TestProxyFor(t *testing.T) {
	for _, c := range []struct {
		url  string
		env  map[string]string
		flag string
		want string // URL and source, "" = none
	}{
		{"ws://a.example", nil, "", ""},
		{"ws://a.example", map[string]string{"HTTP_PROXY": "p:1"}, "", "http://p:1 HTTP_PROXY"},
		{"ws://a.example", map[string]string{"HTTP_PROXY": "p:1", "http_proxy": "q:2"}, "", "http://q:2 http_proxy"},
		{"wss://a.example", map[string]string{"HTTP_PROXY": "p:1"}, "", ""},
		{"wss://a.example", map[string]string{"HTTP_PROXY": "p:1", "HTTPS_PROXY": "https://q"}, "", "https://q:443 HTTPS_PROXY"},
		{"wss://a.example", map[string]string{"all_proxy": "socks5://s"}, "", "socks5://s:1080 all_proxy"},
		{"wss://a.example", map[string]string{"ALL_PROXY": "socks://s"}, "", "socks5h://s:1080 ALL_PROXY"},
		{"ws://a.example", map[string]string{"ALL_PROXY": "s:1", "http_proxy": "p:1"}, "", "http://p:1 http_proxy"},
		{"ws://a.example", map[string]string{"HTTP_PROXY": "p:1", "REQUEST_METHOD": "GET"}, "", ""},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "REQUEST_METHOD": "GET"}, "", "http://p:1 http_proxy"},
		{"ws://127.0.0.1", map[string]string{"http_proxy": "p:1"}, "", "http://p:1 http_proxy"},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "no_proxy": "a.example"}, "", ""},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "NO_PROXY": "a.example", "no_proxy": "b.example"}, "", "http://p:1 http_proxy"},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "no_proxy": "a.example"}, "f:3", "http://f:3 the proxy option"},
		{"ws://a.example", map[string]string{"http_proxy": "p:1"}, "none", ""},
		{"ws+unix:/x:/", map[string]string{"http_proxy": "p:1"}, "", ""},
		{"ws://a.example", nil, "HTTP://u:p@[::1]", "http://[::1]:80 the proxy option"},
	} {
		target, err := ParseURL(c.url)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Options{Proxy: c.flag, Env: func(name string) string { return c.env[name] }}.proxyFor(target)
		got := ""
		if p != nil {
			got = p.String() + " " + p.source
		}
		if err != nil || got != c.want {
			t.Errorf("%s with %v and %q goes through %q, %v; wanted %q", c.url, c.env, c.flag, got, err, c.want)
		}
	}
}

// TestProxyNotUsed: a proxy of the environment that is not used is reported with the reason.
func TestProxyNotUsed(t *testing.T) {
	for _, c := range []struct {
		url  string
		env  map[string]string
		flag string
		want string
	}{
		{"ws://a.example", nil, "", ""},
		{"ws://a.example", map[string]string{"no_proxy": "*"}, "", ""},
		{"ws://a.example", map[string]string{"http_proxy": "p:1"}, "", ""},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "NO_PROXY": "b.example"}, "", ""},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "NO_PROXY": "b.example,.Example:80"}, "", "http_proxy is not used: NO_PROXY has .example:80"},
		{"wss://192.0.2.9", map[string]string{"ALL_PROXY": "p:1", "no_proxy": "192.0.2.0/24"}, "", "ALL_PROXY is not used: no_proxy has 192.0.2.0/24"},
		{"ws://a.example", map[string]string{"http_proxy": "p:1", "NO_PROXY": "a.example"}, "f:3", ""},
		{"ws://a.example", map[string]string{"http_proxy": "p:1"}, "none", "http_proxy is not used: the proxy is set to none"},
		{"ws+unix:/x:/", map[string]string{"http_proxy": "p:1"}, "", "http_proxy is not used: it is a unix socket"},
	} {
		target, err := ParseURL(c.url)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Proxy: c.flag, Env: func(name string) string { return c.env[name] }}
		if got := o.whyNoProxy(target); got != c.want {
			t.Errorf("%s with %v and %q: %q, wanted %q", c.url, c.env, c.flag, got, c.want)
		}
	}
}

func TestProxyURLErrors(t *testing.T) {
	for _, proxy := range []string{"ftp://p", "socks4://p", "http://p:0", "http://p:x", "http://u:hunter2@p:x", "://"} {
		_, err := parseProxy(proxy, "the proxy option")
		if _, usage := err.(*UsageError); !usage {
			t.Errorf("%q: %v", proxy, err)
		}
	}
}

func TestNoProxy(t *testing.T) {
	for _, c := range []struct {
		list, host, port string
		want             bool
	}{
		{"", "a.example", "80", false},
		{"*", "a.example", "80", true},
		{"b.example, a.example", "a.example", "80", true},
		{"b.example a.example", "a.example", "80", true},
		{"A.Example", "a.example", "80", true},
		{"example", "a.example", "80", true},
		{".bücher.example", "a.xn--bcher-kva.example", "80", true},
		{".example", "a.example", "80", true},
		{"*.example", "a.example", "80", true},
		{".a.example", "a.example", "80", true},
		{"a.example.", "a.example", "80", true},
		{"a.example", "a.example.", "80", true},
		{"xample", "a.example", "80", false},
		{"a.example:80", "a.example", "80", true},
		{"a.example:81", "a.example", "80", false},
		{"192.0.2.0/24", "192.0.2.9", "80", true},
		{"192.0.2.0/24", "192.0.3.9", "80", false},
		{"192.0.2.9", "192.0.2.9", "80", true},
		{"192.0.2.9:80", "192.0.2.9", "81", false},
		{"2001:db8::1", "2001:db8:0::1", "80", true},
		{"[2001:db8::1]", "2001:db8::1", "80", true},
		{"[2001:db8::1]:80", "2001:db8::1", "80", true},
		{"[2001:db8::1]:80", "2001:db8::1", "81", false},
		{"2001:db8::/32", "2001:db8::9", "80", true},
		{"::ffff:192.0.2.9", "192.0.2.9", "80", true},
		{"fe80::/10", "fe80::1%eth0", "80", true},
		{"2.9", "192.0.2.9", "80", false},
		{",,", "a.example", "80", false},
	} {
		if got := matchNoProxy(c.list, c.host, c.port); (got != "") != c.want {
			t.Errorf("NO_PROXY=%q and %s:%s: %q", c.list, c.host, c.port, got)
		}
	}
}
