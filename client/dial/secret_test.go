package dial

import (
	"slices"
	"strings"
	"testing"
)

func TestRedactLine(t *testing.T) {
	for line, want := range map[string]string{
		"GET /x?access_token=s&a=1&key=s HTTP/1.1":             "GET /x?access_token=[redacted]&a=1&key=[redacted] HTTP/1.1",
		"GET /x?X-Amz-Signature=s&code=s&keyboard=de HTTP/1.1": "GET /x?X-Amz-Signature=[redacted]&code=[redacted]&keyboard=de HTTP/1.1",
		":path: /x?jwt=s":                         ":path: /x?jwt=[redacted]",
		":authority: h":                           ":authority: h",
		"Authorization: Bearer s":                 "Authorization: Bearer [redacted]",
		"Cookie: a=s; b=s":                        "Cookie: a=[redacted]; b=[redacted]",
		"Set-Cookie: a=s; Path=/":                 "Set-Cookie: a=[redacted]; Path=/",
		"X-Access-Key: s":                         "X-Access-Key: [redacted]",
		"Ocp-Apim-Subscription-Key: s":            "Ocp-Apim-Subscription-Key: [redacted]",
		"X-Auth-Token: s":                         "X-Auth-Token: [redacted]",
		"X-Session: s":                            "X-Session: [redacted]",
		"Sec-WebSocket-Key: k":                    "Sec-WebSocket-Key: k",
		"WWW-Authenticate: Basic realm=x":         "WWW-Authenticate: Basic realm=x",
		"Location: https://u:p@h/x?token=s":       "Location: https://[redacted]@h/x?token=[redacted]",
		"Sec-WebSocket-Protocol: chat, eyJh.b.c":  "Sec-WebSocket-Protocol: chat, [redacted]",
		"Sec-WebSocket-Protocol: token, s":        "Sec-WebSocket-Protocol: token, [redacted]",
		"Sec-WebSocket-Protocol: Bearer, s, chat": "Sec-WebSocket-Protocol: Bearer, [redacted], chat",
		"Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.s": "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.[redacted]",
		"Server:  x ": "Server:  x ",
	} {
		if got := redactLine(line); got != want {
			t.Errorf("%s\nbecame %s\nwanted %s", line, got, want)
		}
	}
}

func TestRedactURL(t *testing.T) {
	for url, want := range map[string]string{
		"ws://h/x":                     "ws://h/x",
		"ws://u:p@h/x@y":               "ws://[redacted]@h/x@y",
		"u:p@h":                        "[redacted]@h",
		"h/x@y":                        "h/x@y",
		"ws://u:p%zz@h?token":          "ws://[redacted]@h?token",
		"wss://h/?a=1&client_secret=":  "wss://h/?a=1&client_secret=[redacted]",
		"ws://h/?pwd=x&sid=y&ticket=z": "ws://h/?pwd=[redacted]&sid=[redacted]&ticket=[redacted]",
		"ws://h/?a=1;token=x;y&b;c":    "ws://h/?a=1;token=[redacted]&b;c",
		"ws://h/?tok%65n=x&bearer=y":   "ws://h/?tok%65n=[redacted]&bearer=[redacted]",
		"ws://h/?side=left&b=%zz":      "ws://h/?side=left&b=%zz",
	} {
		if got := RedactURL(url); got != want {
			t.Errorf("%s became %s, wanted %s", url, got, want)
		}
	}
}

func TestWithoutTokens(t *testing.T) {
	if got := withoutTokens([]string{"chat", "token", "s", "eyJa.b.c"}); !slices.Equal(got, []string{"chat", "token"}) {
		t.Error(got)
	}
}

// FuzzRedactURL: user info and the value of token= are removed.
func FuzzRedactURL(f *testing.F) {
	f.Add("user", "secretvalue")
	f.Fuzz(func(t *testing.T, user, secret string) {
		if len(secret) < 5 || strings.ContainsAny(secret, "/?#@&=") || strings.Contains("[redacted]ws://h/x?token=", secret) ||
			strings.ContainsAny(user, "/?#@&=") || strings.Contains(user, secret) {
			t.Skip()
		}
		if got := RedactURL("ws://" + user + ":" + secret + "@h/x?token=" + secret); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
	})
}

func TestRedactSubprotocol(t *testing.T) {
	for name, want := range map[string]string{
		"chat": "chat", "bearer": "bearer", "tokens.v1": "tokens.v1", "bearer.abc": "bearer.[redacted]", "Token-abc": "Token-[redacted]", "eyJa.b.c": "[redacted]",
	} {
		if got := redactSubprotocol(name); got != want {
			t.Errorf("%s became %s, wanted %s", name, got, want)
		}
	}
}
