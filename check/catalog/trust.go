package catalog

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"wsx/check"
	"wsx/check/probe"
)

// origin is about pages of other sites that connect with the cookies of the user (RFC 6455, section 10.2).
func origin() []check.Check {
	foreign := func(name string, severity check.Severity, title, sent string, of func(scheme, host string) string) check.Check {
		return check.Check{ID: "origin/" + name, Severity: severity, Clause: "RFC 6455 10.2", Title: title, Sent: "Origin: " + sent,
			Expected: "if a cookie or credentials were given, an HTTP error, like 403", Run: check.FromOrigin(of)}
	}
	return []check.Check{
		{ID: "origin/own", Severity: check.Should, Clause: "RFC 6455 10.2", Title: "A web page from the server's own origin may connect.", Sent: "Origin: the server's own",
			Expected: "101", Run: check.FromOwnOrigin()},
		foreign("foreign", check.Security, "A web page from another origin may not connect with the user's credentials.", "https://wsx-check.example", func(_, _ string) string { return "https://wsx-check.example" }),
		foreign("null", check.Security, "A web page with the origin null may not connect with the user's credentials.", "null", func(_, _ string) string { return "null" }),
		foreign("prefix", check.Security, "An origin whose name begins with the server's may not connect with the user's credentials.", "HOST.wsx-check.example",
			func(scheme, host string) string { return scheme + "://" + host + ".wsx-check.example" }),
		foreign("suffix", check.Security, "An origin whose name ends with the server's may not connect with the user's credentials.", "wsx-check-HOST",
			func(scheme, host string) string { return scheme + "://wsx-check-" + host }),
		foreign("user", check.Security, "An origin with the server's name before an @ may not connect with the user's credentials.", "HOST@wsx-check.example",
			func(scheme, host string) string { return scheme + "://" + host + "@wsx-check.example" }),
		foreign("path", check.Security, "An origin with the server's name in the path may not connect with the user's credentials.", "wsx-check.example/HOST",
			func(scheme, host string) string { return scheme + "://wsx-check.example/" + host }),
		foreign("port", check.Info, "Another port of the same host is another origin.", "HOST:1",
			func(scheme, host string) string {
				if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
					host = host[:at]
				}
				return scheme + "://" + host + ":1"
			}),
	}
}

// auth is about requests without the user's credentials.
func auth() []check.Check {
	const needed = "if credentials were given: "
	wrong := func(r *probe.Request) {
		for _, name := range []string{"Cookie", "Authorization"} {
			if value := r.Get(name); value != "" {
				r.Set(name + ": " + wrongCredentials(name, value))
			}
		}
	}
	without := without("Authorization", "Cookie")
	return []check.Check{
		{ID: "auth/none", Severity: check.Security, Clause: "RFC 9110 11.4", Title: "A request without credentials is refused.", Sent: "no Authorization, no Cookie",
			Expected: needed + "an HTTP error, like 401", Run: check.Credentials(without, check.NotUpgraded)},
		{ID: "auth/wrong", Severity: check.Security, Clause: "RFC 9110 11.4", Title: "A request with wrong credentials is refused.", Sent: "credentials with a wrong secret",
			Expected: needed + "an HTTP error, like 401", Run: check.Credentials(wrong, check.NotUpgraded)},
		{ID: "auth/challenge", Severity: check.Must, Clause: "RFC 9110 15.5.2", Title: "A 401 response has WWW-Authenticate.", Sent: "no Authorization, no Cookie",
			Expected: "401 with WWW-Authenticate", Run: check.Credentials(without, check.Challenged)},
		{ID: "auth/disclosed", Severity: check.Security, Clause: "RFC 9110 17.16", Title: "An error response does not contain the credentials.", Sent: "credentials with a wrong secret",
			Expected: needed + "a response without the credentials", Run: check.Credentials(wrong, check.Discloses(wrongSecret, wrongBasic))},
	}
}

// The text sent in place of a secret, and the same as Basic credentials.
const (
	wrongSecret = "wsx-check-wrong-secret"
	wrongBasic  = "d3N4LWNoZWNrOndzeC1jaGVjay13cm9uZy1zZWNyZXQ=" // wsx-check:wsx-check-wrong-secret
)

// wrongCredentials returns the value of a header with another secret.
func wrongCredentials(name, value string) string {
	if scheme, secret, found := strings.Cut(value, " "); name == "Authorization" && found {
		if strings.EqualFold(scheme, "Basic") {
			return scheme + " " + basicWrong(secret)
		}
		return scheme + " " + wrongSecret
	}
	pairs := strings.Split(value, ";")
	for i, pair := range pairs {
		key, _, _ := strings.Cut(pair, "=")
		pairs[i] = key + "=" + wrongSecret
	}
	return strings.Join(pairs, ";")
}

// basicWrong returns Basic credentials (RFC 7617) with the same user name and another password.
func basicWrong(credentials string) string {
	decoded, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil {
		return wrongBasic
	}
	user, _, _ := strings.Cut(string(decoded), ":")
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + wrongSecret))
}

// tlsRows is about TLS (RFC 8996, RFC 9325).
func tlsRows() []check.Check {
	return []check.Check{
		{ID: "tls/1.0", Severity: check.Security, Clause: "RFC 8996 4", Title: "TLS 1.0 is refused.", Sent: "a ClientHello of TLS 1.0", Expected: "a refusal", Run: check.TLSVersion(tls.VersionTLS10, false)},
		{ID: "tls/1.1", Severity: check.Security, Clause: "RFC 8996 5", Title: "TLS 1.1 is refused.", Sent: "a ClientHello of TLS 1.1", Expected: "a refusal", Run: check.TLSVersion(tls.VersionTLS11, false)},
		{ID: "tls/1.3", Severity: check.Should, Clause: "RFC 9325 3.1.1", Title: "TLS 1.3 is supported.", Sent: "a ClientHello of TLS 1.3", Expected: "TLS 1.3", Run: check.TLSVersion(tls.VersionTLS13, true)},
		{ID: "tls/cleartext", Severity: check.Security, Clause: "RFC 6455 10.6", Title: "The port does not upgrade without TLS.", Sent: "an opening handshake without TLS", Expected: "no upgrade", Run: check.Cleartext()},
		{ID: "tls/expires", Severity: check.Info, Clause: "RFC 5280 4.1.2.5", Title: "The certificate is valid for at least two more weeks.", Sent: "no further data", Expected: "an expiry date at least 14 days from now",
			Run: check.Certificate(func(state *tls.ConnectionState, now time.Time) check.Outcome {
				end := state.PeerCertificates[0].NotAfter
				return check.Holds(end.Sub(now) > 14*24*time.Hour, "until "+end.UTC().Format(time.DateOnly))
			})},
		{ID: "tls/key", Severity: check.Security, Clause: "RFC 9325 4.3", Title: "The certificate is signed with a secure hash function.", Sent: "no further data", Expected: "a signature with SHA-256 or better",
			Run: check.Certificate(func(state *tls.ConnectionState, _ time.Time) check.Outcome {
				name := state.PeerCertificates[0].SignatureAlgorithm.String()
				return check.Holds(!strings.Contains(name, "SHA1") && !strings.Contains(name, "MD5"), name)
			})},
	}
}

// info has the checks that only give information.
func info() []check.Check {
	discloses := func(name, header string) check.Check {
		checks := requests("info", request{severity: check.Info, clause: "RFC 9110 10.2.4", sent: "a valid request"},
			request{name: name, title: fmt.Sprintf("The header %s has no version number.", header), expected: fmt.Sprintf("no %s, or one without a number", header),
				evaluate: func(e *check.Exchange) check.Outcome {
					if e.Err != nil {
						return check.Outcome{Verdict: check.Skip, Received: "no response"}
					}
					value := e.Response.Header.Get(header)
					if value == "" {
						return check.Holds(true, "no "+header)
					}
					return check.Holds(!strings.ContainsAny(value, "0123456789"), header+": "+value)
				}})
		return checks[0]
	}
	return []check.Check{discloses("server", "Server"), discloses("powered-by", "X-Powered-By")}
}

// live is about clients that disconnect or stop reading or writing.
func live() []check.Check {
	const clause = "RFC 6455 10.4"
	return []check.Check{
		{ID: "live/pongs", Severity: check.Must, Clause: "RFC 6455 5.5.2", Title: "Pings are answered, one after the other.", Sent: "ten pings, each after the previous pong", Expected: "ten pongs", Run: check.Pongs(10)},
		{ID: "live/abort", Severity: check.Security, Clause: clause, Title: "A client that disconnects inside a frame does not affect others.", Sent: "half a frame, and the end of the connection",
			Expected: "other connections are served", Run: check.Aborted(probe.Text("gone").Claiming(100))},
		{ID: "live/abort-message", Severity: check.Security, Clause: clause, Title: "A client that disconnects inside a message does not affect others.", Sent: "a fragment, and the end of the connection",
			Expected: "other connections are served", Run: check.Aborted(probe.Text("gone").Begin())},
		{ID: "live/half-close", Severity: check.Should, Clause: "RFC 6455 7.1.5", Title: "A connection that the client half-closes without a Close frame is ended.", Sent: "the end of the client's stream",
			Expected: "the end of the stream", Run: check.HalfClosed()},
		{ID: "live/unfinished", Severity: check.Security, Clause: clause, Title: "An incomplete request does not block other connections.", Sent: "half a request line, and another connection", Expected: "the other connection is served", Run: check.UnfinishedRequest()},
		{ID: "live/unread", Severity: check.Security, Clause: clause, Title: "A client that does not read does not block other connections.", Sent: "8 MiB to echo, which the client does not read, and another connection", Expected: "the other connection is served", Run: check.Unread()},
		{ID: "live/idle", Severity: check.Info, Clause: "RFC 6455 5.5.2", Full: true, Title: "A connection on which nothing is sent stays open for 30 seconds.", Sent: "nothing for 30 seconds, then a ping", Expected: "pong", Run: check.Idle(30 * time.Second)},
		{ID: "live/slow", Severity: check.Security, Clause: clause, Full: true, Title: "A request that arrives byte by byte is aborted within a minute.", Sent: "two bytes a second", Expected: "the end of the connection", Run: check.Slow(time.Minute)},
	}
}
