package curl

import (
	"crypto/tls"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wsx/client/dial"
)

// allOptions has all options that a command line can have.
var allOptions = dial.Options{
	Header: []dial.HeaderLine{{Name: "X-Note", Value: `it's "$HOME" ` + "`id` \\ !"}, {Name: "X-Api-Key", Value: "k3y"}, {Name: "User-Agent", Remove: true}},
	Host:   "front", Origin: "https://o", Subprotocols: []string{"chat", "v2"}, Cookies: []string{"a=1", "b=2"}, User: "me:secret",
	Insecure: true, CAFiles: []string{"c a.pem"}, CertFile: "me.pem", KeyFile: "me.key", Passphrase: "pass", MinVersion: tls.VersionTLS13,
	Proxy: "http://p:w@proxy:8080", Resolve: []string{"h:443:127.0.0.1"}, IPv4Only: true, FollowRedirects: true, MaxRedirects: 3,
}

func TestWrite(t *testing.T) {
	for _, row := range []struct{ program, line, missing string }{
		{"curl", `curl 'wss://h/a?token=[redacted]&b=1' -H 'Host: front' -H 'Origin: https://o' -H 'Sec-WebSocket-Protocol: chat, v2' ` +
			`-H 'X-Note: it'\''s "$HOME" ` + "`id`" + ` \ !' -H 'X-Api-Key: [redacted]' -H User-Agent: -b 'a=[redacted]; b=[redacted]' -u 'me:[redacted]' -k ` +
			`--cacert 'c a.pem' --cert me.pem --key me.key --pass '[redacted]' --tlsv1.3 -x 'http://[redacted]@proxy:8080' --resolve h:443:127.0.0.1 -4 -L --max-redirs 3`, ""},
		{"wscat", `wscat -c 'wss://h/a?token=[redacted]&b=1' -H 'Cookie: a=[redacted]; b=[redacted]' -H 'X-Note: it'\''s "$HOME" ` + "`id`" + ` \ !' ` +
			`-H 'X-Api-Key: [redacted]' --host front -o https://o -s chat -s v2 --auth 'me:[redacted]' -n --ca 'c a.pem' --cert me.pem --key me.key ` +
			`--passphrase '[redacted]' --proxy 'http://[redacted]@proxy:8080' -L --max-redirects 3`,
			"a minimum TLS version, addresses for names, an IP version, the removal of User-Agent"},
		{"websocat", `websocat '-H=Host: front' '-H=Cookie: a=[redacted]; b=[redacted]' '-H=X-Note: it'\''s "$HOME" ` + "`id`" + ` \ !' '-H=X-Api-Key: [redacted]' ` +
			`--origin https://o --protocol 'chat, v2' --basic-auth 'me:[redacted]' -k 'wss://h/a?token=[redacted]&b=1'`,
			"a file of CA certificates (SSL_CERT_FILE names one), a client certificate in PEM, an HTTP proxy, redirects, " +
				"a minimum TLS version, addresses for names, an IP version, the removal of User-Agent"},
	} {
		line, missing, err := Write(row.program, "wss://h/a?token=t&b=1", allOptions, false)
		if err != nil || line != row.line || strings.Join(missing, ", ") != row.missing {
			t.Errorf("%s: %v\ngot  %s\nwant %s\ngot  %s\nwant %s", row.program, err, line, row.line, strings.Join(missing, ", "), row.missing)
		}
	}
}

// TestWriteHidesTexts: a secret is redacted everywhere, also where it must be escaped or quoted.
func TestWriteHidesTexts(t *testing.T) {
	o := dial.Options{Header: []dial.HeaderLine{{Name: "X-Note", Value: "it's a s3'cret"}}}
	line, _, err := Write("curl", "wss://h/?id=s3%27cret", o, false, "s3'cret", "")
	if want := `curl 'wss://h/?id=[redacted]' -H 'X-Note: it'\''s a [redacted]'`; err != nil || line != want {
		t.Errorf("%v %s", err, line)
	}
	if line, _, _ := Write("curl", "wss://h/?id=s3%27cret", o, true, "s3'cret"); strings.Contains(line, dial.Redacted) {
		t.Error(line)
	}
}

// TestRoundTrip: a line that is written for curl describes the same connection when it is read.
func TestRoundTrip(t *testing.T) {
	for _, row := range []struct {
		url string
		o   dial.Options
	}{
		{"wss://h/a?token=t&b=[1]", allOptions},
		{"ws://h:8080/", dial.Options{Bearer: "t", Netrc: "n", UserAgent: "me", PinSHA256: []string{"AAAA"}, UnixSocket: "/s", IPv6Only: true, HTTP: dial.HTTP2}},
		{"ws://h/", dial.Options{Proxy: "none", ConnectTo: []string{"h:80:i:81"}, Header: []dial.HeaderLine{{Name: "Cookie", Value: "x=1"}, {Name: "X-Empty"}}}},
	} {
		line, missing, err := Write("curl", row.url, row.o, true)
		if err != nil || len(missing) > 0 {
			t.Fatal(err, missing)
		}
		read, err := ParseLine(line, noFile)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := Write("curl", read.URL, read.Options, true)
		if err != nil || again != line {
			t.Errorf("%v\nfirst  %s\nsecond %s", err, line, again)
		}
	}
}

// TestShellReadsQuotedWords checks that sh reads quoted words unchanged.
func TestShellReadsQuotedWords(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	words := []string{"plain", "", "it's", `"$HOME" ${X} $(id) ` + "`id`", `back\slash \\`, "two\nlines\t", "!x *?[a] ~ #c ;&|<>(){}", "-n", "é😀", "\x01\x7f\xff"}
	out, err := exec.Command(sh, "-c", `for word in `+join(words)+`; do printf '%s\0' "$word"; done`).Output()
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !slices.Equal(got, words) {
		t.Errorf("%v: sh read %q", err, got)
	}
	if got, err := splitBash(join(words)); err != nil || !slices.Equal(got, words) {
		t.Errorf("%v: read %q", err, got)
	}
}

// TestBashAgrees compares the words of a line with those that bash reads.
func TestBashAgrees(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	for _, line := range []string{
		`a 'b c' "d \" \\ \$ \n e" f\ g`, `$'\'\"\\\a\b\e\f\n\r\t\v\?\x41\x4\u0021\u00e9\U0001F600\041\7\cA\z'`, `a'b'"c"$'d'e ''`,
		"a\\\n  b \\\n\tc", `x#y # z`, `$ a$ "$" "a$"`, `"a
b"`, `$"hello"`, `$'\x' $'\u' $'é'`,
	} {
		want, err := exec.Command(bash, "-c", `LC_ALL=C.UTF-8; printf '%s\0' `+line).Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got, err := splitBash(line)
		if text := strings.Join(got, "\x00") + "\x00"; err != nil || text != string(want) {
			t.Errorf("%s: %v\ngot  %q\nbash %q", line, err, text, want)
		}
	}
}

// FuzzParseLine checks that there is neither a panic nor an endless loop, and that quoted words are read unchanged.
func FuzzParseLine(f *testing.F) {
	for _, seed := range []string{
		`curl 'wss://h' \` + "\n" + `  -H $'A: \u0021'`, "curl ^\"wss://h^\" ^\n -H ^\"A: ^%^22^\"", "curl \"a\" `\n -H 'b'",
		"$session = New-Object X\nInvoke-WebRequest -Uri \"wss://h\" `\n-Headers @{\n\"A\"=\"b$([char]233)\"\n}", `curl -E a:b -x c -U d --max-redirs 1 h`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if command, err := ParseLine(line, noFile); err == nil {
			for _, program := range Programs() {
				Write(program, command.URL, command.Options, false)
			}
		}
		IsComplete(line)
		IsLine(line)
		words := strings.Split(line, "\n")
		if got, err := splitBash(join(words)); err != nil || !reflect.DeepEqual(got, words) {
			t.Errorf("%v: %q became %q", err, words, got)
		}
	})
}
