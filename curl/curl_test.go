package curl

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"wsx/client/dial"
)

// noFile is for lines that name no file.
func noFile(string) ([]byte, error) { return nil, os.ErrNotExist }

// header returns header lines from pairs of a name and a value.
func header(pairs ...string) (lines []dial.HeaderLine) {
	for i := 0; i < len(pairs); i += 2 {
		lines = append(lines, dial.HeaderLine{Name: pairs[i], Value: pairs[i+1]})
	}
	return lines
}

// copied is the command that every line in TestBrowsers describes.
var copied = Command{
	URL: "wss://echo.example/feed?room=[1]&q=a%20b",
	Options: dial.Options{
		Origin: "https://echo.example", UserAgent: "Mozilla/5.0 (X11; it's \"new\"!)", Subprotocols: []string{"chat", "v2"},
		Cookies: []string{"id=a%22b; flag=!x"}, Header: header("Pragma", "no-cache", "X-Note", `50% $5 ^ & \o/ `+"`"),
	},
}

func TestBrowsers(t *testing.T) {
	for name, line := range map[string]string{
		"Chromium, bash": `curl 'wss://echo.example/feed?room=\[1\]&q=a%20b' \
  -H 'Upgrade: websocket' \
  -H 'Origin: https://echo.example' \
  -H 'Connection: Upgrade' \
  -H $'User-Agent: Mozilla/5.0 (X11; it\'s "new"\u0021)' \
  -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
  -H 'Sec-WebSocket-Version: 13' \
  -H 'Sec-WebSocket-Protocol: chat, v2' \
  -H 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits' \
  -H 'Pragma: no-cache' \
  -b $'id=a%22b; flag=\u0021x' \
  -H $'X-Note: 50% $5 ^ & \\o/ ` + "`" + `'`,
		"Chromium, cmd": "curl ^\"wss://echo.example/feed?room=^\\^[1^\\^]^&q=a^%^20b^\" ^\n" +
			"  -H ^\"Upgrade: websocket^\" ^\n" +
			"  -H ^\"Origin: https://echo.example^\" ^\n" +
			"  -H ^\"Connection: Upgrade^\" ^\n" +
			"  -H ^\"User-Agent: Mozilla/5.0 (X11; it's ^\\^\"new^\\^\"^!)^\" ^\n" +
			"  -H ^\"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==^\" ^\n" +
			"  -H ^\"Sec-WebSocket-Version: 13^\" ^\n" +
			"  -H ^\"Sec-WebSocket-Protocol: chat, v2^\" ^\n" +
			"  -H ^\"Pragma: no-cache^\" ^\n" +
			"  -b ^\"id=a^%^22b; flag=^!x^\" ^\n" +
			"  -H ^\"X-Note: 50^% ^$5 ^^ ^& ^\\^\\o/ `^\"",
		"Chromium, PowerShell": "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n" +
			"$session.UserAgent = \"Mozilla/5.0 (X11; it's `\"new`\"!)\"\n" +
			"$session.Cookies.Add((New-Object System.Net.Cookie(\"id\", \"a%22b\", \"/\", \"echo.example\")))\n" +
			"$session.Cookies.Add((New-Object System.Net.Cookie(\"flag\", \"!x\", \"/\", \"echo.example\")))\n" +
			"Invoke-WebRequest -UseBasicParsing -Uri \"wss://echo.example/feed?room=[1]&q=a%20b\" `\n" +
			"-WebSession $session `\n" +
			"-Headers @{\n\"Upgrade\"=\"websocket\"\n  \"Origin\"=\"https://echo.example\"\n  \"Sec-WebSocket-Key\"=\"AA==\"\n" +
			"  \"Sec-WebSocket-Protocol\"=\"chat, v2\"\n  \"Pragma\"=\"no-cache\"\n  \"X-Note\"=\"50% `$5 ^ & \\o/ ``\"\n}",
		"Firefox, bash": `curl 'wss://echo.example/feed?room=[1]&q=a%20b' --globoff --compressed -H $'User-Agent: Mozilla/5.0 (X11; it\'s "new"\041)' ` +
			`-H 'Sec-WebSocket-Version: 13' -H 'Origin: https://echo.example' -H 'Sec-WebSocket-Protocol: chat, v2' ` +
			`-H 'Connection: keep-alive, Upgrade' -H $'Cookie: id=a%22b; flag=\041x' -H 'Pragma: no-cache' -H 'Upgrade: websocket' ` +
			`-H 'X-Note: 50% $5 ^ & \o/ ` + "`'",
		"Firefox, cmd": "curl.exe ^\"wss://echo.example/feed?room=^[1^]^&q=a^%^20b^\" ^\r\n" +
			"  --globoff ^\r\n" +
			"  -H ^\"User-Agent: Mozilla/5.0 (X11; it^'s ^\\^\"new^\\^\"^!)^\" ^\r\n" +
			"  -H ^\"Origin: https://echo.example^\" ^\r\n" +
			"  -H ^\"Sec-WebSocket-Protocol: chat, v2^\" ^\r\n" +
			"  -H ^\"Connection: keep-alive, Upgrade^\" ^\r\n" +
			"  -H ^\"Cookie: id=a^%^22b; flag=^!x^\" ^\r\n" +
			"  -H ^\"Pragma: no-cache^\" ^\r\n" +
			"  -H ^\"X-Note: 50^% ^$5 ^^ ^& ^\\o/ `^\" ^\r\n" +
			"  -H ^\"Upgrade: websocket^\"",
	} {
		t.Run(name, func(t *testing.T) {
			want := copied
			if strings.Contains(name, "PowerShell") {
				want.Options.Cookies = []string{"id=a%22b", "flag=!x"}
			}
			if name == "Chromium, cmd" { // it doubles backslashes, and curl.exe gets both
				want.Options.Header = header("Pragma", "no-cache", "X-Note", `50% $5 ^ & \\o/ `+"`")
			}
			got, err := ParseLine(line, noFile)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, want) {
				t.Errorf("got  %+v\nwant %+v", *got, want)
			}
			for i := range line { // as it is typed or pasted, line by line
				if line[i] == '\n' && IsComplete(line[:i+1]) {
					t.Errorf("complete after %q", line[:i+1])
				}
			}
			if !IsComplete(line+"\n") || !IsLine(line) {
				t.Error("not complete, or not recognized")
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, row := range []struct {
		line string
		want Command
	}{
		{"curl example.com", Command{URL: "ws://example.com"}},
		{"curl https://example.com/a#b", Command{URL: "wss://example.com/a"}},
		{"curl -kL -u me:secret --url HTTP://h", Command{URL: "ws://h", Options: dial.Options{Insecure: true, FollowRedirects: true, User: "me:secret"}}},
		{"curl -ume -XGET -sSNi wss://h", Command{URL: "wss://h", Options: dial.Options{User: "me"}}},
		{"curl -x proxy wss://h", Command{URL: "wss://h", Options: dial.Options{Proxy: "http://proxy:1080"}}},
		{"curl -x https://proxy -U a:b@c wss://h", Command{URL: "wss://h", Options: dial.Options{Proxy: "https://a:b%40c@proxy"}}},
		{"curl --socks5-hostname p:9050 wss://h", Command{URL: "wss://h", Options: dial.Options{Proxy: "socks5h://p:9050"}}},
		{"curl --noproxy '*' wss://h", Command{URL: "wss://h", Options: dial.Options{Proxy: "none"}}},
		{"curl -b a=1 -b 'b=2; c=3' -H 'cookie: d=4' wss://h", Command{URL: "wss://h", Options: dial.Options{Cookies: []string{"a=1", "b=2; c=3", "d=4"}}}},
		{"curl --resolve +h:443:127.0.0.1 --connect-to h:443:i:444 wss://h", Command{URL: "wss://h", Options: dial.Options{Resolve: []string{"h:443:127.0.0.1"}, ConnectTo: []string{"h:443:i:444"}}}},
		{"curl --cacert ca.pem -E me.pem:pass --key me.key wss://h", Command{URL: "wss://h", Options: dial.Options{CAFiles: []string{"ca.pem"}, CertFile: "me.pem", Passphrase: "pass", KeyFile: "me.key"}}},
		{`curl --cert 'C:\me.pem:p' wss://h`, Command{URL: "wss://h", Options: dial.Options{CertFile: `C:\me.pem`, Passphrase: "p"}}},
		{`curl --cert 'a\:b' --pass c wss://h`, Command{URL: "wss://h", Options: dial.Options{CertFile: "a:b", Passphrase: "c"}}},
		{"curl -m 2.5 --connect-timeout 1 --max-redirs 0 wss://h", Command{URL: "wss://h", Timeout: 2500 * time.Millisecond, Options: dial.Options{ConnectTimeout: time.Second, MaxRedirects: -1}}},
		{"curl --http2 -v --netrc wss://h", Command{URL: "wss://h", Verbose: true, Netrc: true, Options: dial.Options{HTTP: dial.HTTP2}}},
		{"curl -e https://r -H 'X-Empty;' -H 'Accept:' wss://h", Command{URL: "wss://h", Options: dial.Options{Header: []dial.HeaderLine{{Name: "Referer", Value: "https://r"}, {Name: "X-Empty"}, {Name: "Accept", Remove: true}}}}},
		{"curl -H 'Host: h' -H 'Connection: Upgrade, X-Hop' -H 'X-Hop: 1' -H 'TE: trailers' -H 'authority: h' -H 'path: /' wss://h", Command{URL: "wss://h"}},
		{"curl -H 'Host: other' -H 'Sec-WebSocket-Extensions:' wss://h", Command{URL: "wss://h", Options: dial.Options{Host: "other", NoCompress: true}}},
		{"curl -H @lines wss://h", Command{URL: "wss://h", Options: dial.Options{Header: header("A", "1", "B", "2")}}},
		{"curl --unix-socket /s -4 wss://h -- ", Command{URL: "wss://h", Options: dial.Options{UnixSocket: "/s", IPv4Only: true}}},
		{"curl.exe \"wss://h\" `\n  -H \"A: `$1 'x'\" `\r\n -H 'B: it''s'", Command{URL: "wss://h", Options: dial.Options{Header: header("A", "$1 'x'", "B", "it's")}}},
		{`curl "wss://h" -H "A: \"1\" \$2 \n" ;` + "\n", Command{URL: "wss://h", Options: dial.Options{Header: header("A", `"1" $2 \n`)}}},
		{`iwr wss://h -Headers @{ 'A'='$1'; B="$([char]233)$([char]55357)$([char]56832)" } -SkipCertificateCheck`, Command{URL: "wss://h", Options: dial.Options{Insecure: true, Header: header("A", "$1", "B", "é😀")}}},
	} {
		got, err := ParseLine(row.line, func(name string) ([]byte, error) { return []byte("A: 1\n\nB: 2\r\n"), nil })
		if err != nil {
			t.Errorf("%s: %v", row.line, err)
		} else if !reflect.DeepEqual(*got, row.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", row.line, *got, row.want)
		}
	}
}

// TestRuntime has the examples of Microsoft's documentation of how arguments are parsed, and two with quotes inside of quotes.
func TestRuntime(t *testing.T) {
	for line, want := range map[string][]string{
		`"abc" d e`:      {"abc", "d", "e"},
		`a\\b d"e f"g h`: {`a\\b`, "de fg", "h"},
		`a\\\"b c d`:     {`a\"b`, "c", "d"},
		`a\\\\"b c" d e`: {`a\\b c`, "d", "e"},
		`a"b"" c d"`:     {`ab" c d`},
		`"" "a""b" x\`:   {"", `a"b`, `x\`},
	} {
		if got, err := splitRuntime(line); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q %v", line, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for line, want := range map[string]string{
		"wget wss://h":                              "a command line of curl",
		"curl":                                      "no URL",
		"curl wss://a wss://b":                      "2 URLs",
		"curl --frobnicate wss://h":                 "option --frobnicate is not supported",
		"curl -sZ wss://h":                          "option -Z is not supported",
		"curl wss://h --data-raw x":                 "option --data-raw sends a body",
		"curl wss://h -H":                           "option -H needs a value",
		"curl wss://h -H NoColon":                   "option -H: a header line has no colon",
		"curl wss://h -X POST":                      "opened with GET",
		"curl wss://h -b jar.txt":                   "cookie files are not supported",
		"curl wss://h -m soon":                      "seconds",
		"curl wss://h -H @missing":                  "file does not exist",
		"curl wss://h -H \"A: $TOKEN\"":             "does not expand $TOKEN",
		"curl wss://h -H \"A: $(rm -rf /)\"":        "not run",
		"curl wss://h -H \"A: `id`\"":               "not run",
		"curl wss://h | sh":                         "without pipes",
		"curl wss://h > /etc/passwd":                "without pipes",
		"curl wss://h; rm -rf /":                    "another follows it",
		"curl ^\"wss://h^\" & del x":                "another follows it",
		"Invoke-WebRequest -Uri \"$(calc)\"":        "not run",
		"Invoke-WebRequest -Uri \"$env:X\"":         "does not expand $env",
		"Invoke-WebRequest -Uri \"wss://h\"\ncalc":  "another follows it",
		"Invoke-WebRequest -Uri wss://h -OutFile x": "parameter -OutFile",
		"$session.Run('x')\n":                       "unsupported PowerShell statement",
	} {
		_, err := ParseLine(line, noFile)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	for _, line := range []string{"curl '", `curl "a`, "curl $'a\\", "curl a \\\n", "curl ^\"a^\" ^\n", "curl a `\n", "Invoke-WebRequest -Headers @{", "$session = New-Object X\n"} {
		if _, err := ParseLine(line, noFile); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%q: %v", line, err)
		}
	}
}
