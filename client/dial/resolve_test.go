package dial

import (
	"reflect"
	"testing"
)

func TestParsePinnedName(t *testing.T) {
	for _, c := range []struct {
		text string
		want pinnedName
	}{
		{"a.example:80:127.0.0.1", pinnedName{"a.example", "80", []string{"127.0.0.1"}}},
		{"A.Example:80:127.0.0.1,::1", pinnedName{"a.example", "80", []string{"127.0.0.1", "::1"}}},
		{"Bücher.example:80:127.0.0.1", pinnedName{"xn--bcher-kva.example", "80", []string{"127.0.0.1"}}},
		{"*:443:[::1]", pinnedName{"*", "443", []string{"::1"}}},
		{"[::1]:80:::2", pinnedName{"::1", "80", []string{"::2"}}},
	} {
		got, err := parsePinnedName(c.text)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q is %+v, %v", c.text, got, err)
		}
	}
	for _, text := range []string{"", "a", "a:80", "a:x:127.0.0.1", ":80:127.0.0.1", "a:80:", "a:80:b.example", "a:0:127.0.0.1"} {
		if got, err := parsePinnedName(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestConnectTo(t *testing.T) {
	var rules []connectRule
	for _, text := range []string{"a.example:80:b.example:81", "[::1]::c.example:", ":99::100"} {
		d, err := parseConnectRule(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		rules = append(rules, d)
	}
	for _, c := range [][4]string{
		{"a.example", "80", "b.example", "81"},
		{"a.example", "82", "a.example", "82"},
		{"::1", "80", "c.example", "80"},
		{"x.example", "99", "x.example", "100"},
	} {
		if host, port := connectTo(rules, c[0], c[1]); host != c[2] || port != c[3] {
			t.Errorf("%s:%s leads to %s:%s", c[0], c[1], host, port)
		}
	}
	for _, text := range []string{"", "a:b:c:d", "a:80:b", "a:80:b:c"} {
		if d, err := parseConnectRule(text); err == nil {
			t.Errorf("%q is %+v", text, d)
		}
	}
}
