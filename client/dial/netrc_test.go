package dial

import (
	"strings"
	"testing"
)

func TestNetrc(t *testing.T) {
	const file = `# my logins
machine one.example login ann password secret
machine Two.Example
	login bob   # a comment
	password #hash
	account x
macdef init
	machine evil.example login x
	cd /

machine quoted.example login "a b" password "c\"d\\e\tf"
machine one.example login other password second
machine nologin.example password p
default login anonymous password me@example.com
`
	entries, err := parseNetrc(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ host, want string }{
		{"one.example", "ann:secret"},
		{"two.example", "bob:#hash"},
		{"quoted.example", "a b:c\"d\\e\tf"},
		{"evil.example", "anonymous:me@example.com"},
		{"nologin.example", "anonymous:me@example.com"},
	} {
		login := entries.login(c.host)
		if password, _ := login.Password(); login.Username()+":"+password != c.want {
			t.Errorf("%s: %s:%s, wanted %s", c.host, login.Username(), password, c.want)
		}
	}
	if password, ok := entries.password("one.example", "other"); !ok || password != "second" {
		t.Errorf("the password of other: %q, %v", password, ok)
	}
	if _, ok := entries.password("one.example", "unknown"); ok {
		t.Error("an unknown user has a password")
	}
}

func TestNetrcErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"login x", "before any machine"},
		{"machine", "not followed by a value"},
		{"machine a login \"x", "not followed by a value"},
		{"machine a\nlogin x\nhunter2", "line 3 has an unknown word"},
	} {
		_, err := parseNetrc(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine a login b password c\ndefault login d")
	f.Add("macdef x\n\nmachine \"a\\")
	f.Add("# x\n#")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseNetrc(text)
		if err != nil && entries != nil {
			t.Fatalf("%q: an error and entries", text)
		}
		if len(entries) > strings.Count(text, "machine")+strings.Count(text, "default") {
			t.Fatalf("%q has %d entries", text, len(entries))
		}
	})
}
