package repl

import "testing"

func TestHasSecret(t *testing.T) {
	for line, want := range map[string]bool{
		`/open wss://user:pass@example.com/`:      true,
		`/open user:pass@example.com`:             true,
		`/open wss://example.com/?access_token=x`: true,
		`/open wss://example.com/?room=x`:         false,
		`/open @production`:                       false,
		`/open`:                                   false,
		`/open curl 'wss://example.com/' -H 'Authorization: Bearer x'`:            true,
		`/open curl 'wss://example.com/' -b 'session=x'`:                          true,
		`/open curl 'wss://example.com/' -H 'cookie: session=x'`:                  true,
		`/open curl 'wss://example.com/' -u me:x`:                                 true,
		`/open curl 'wss://example.com/' -H 'Sec-WebSocket-Protocol: token, abc'`: true,
		`/open curl 'wss://example.com/?jwt=x'`:                                   true,
		`/open curl 'wss://example.com/' -x http://u:x@proxy.example.com`:         true,
		`/open curl 'wss://example.com/' --no-such-flag x`:                        true,
		`/open curl 'wss://example.com/' -H 'Origin: https://example.com'`:        false,
		`{"token": "x"}`:            false,
		`/opens wss://example.com/`: false,
	} {
		if got := HasSecret(line); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
