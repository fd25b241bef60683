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
			Wanted: "where a cookie or credentials were given, an HTTP error, as 403", Judge: check.FromOrigin(of)}
	}
	return []check.Check{
		{ID: "origin/own", Severity: check.Should, Clause: "RFC 6455 10.2", Title: "A page of the server's own host may connect.", Sent: "Origin: the server's own",
			Wanted: "101", Judge: check.FromOwnOrigin()},
		foreign("foreign", check.Security, "A page of another site may not connect as the user.", "https://wsx-check.example", func(_, _ string) string { return "https://wsx-check.example" }),
		foreign("null", check.Security, "A page without an origin may not connect as the user.", "null", func(_, _ string) string { return "null" }),
		foreign("prefix", check.Security, "A site whose name begins with the server's may not connect as the user.", "HOST.wsx-check.example",
			func(scheme, host string) string { return scheme + "://" + host + ".wsx-check.example" }),
		foreign("suffix", check.Security, "A site whose name ends with the server's may not connect as the user.", "wsx-check-HOST",
			func(scheme, host string) string { return scheme + "://wsx-check-" + host }),
		foreign("user", check.Security, "A site that names the server before an @ may not connect as the user.", "HOST@wsx-check.example",
			func(scheme, host string) string { return scheme + "://" + host + "@wsx-check.example" }),
		foreign("path", check.Security, "A site that names the server in a path may not connect as the user.", "wsx-check.example/HOST",
			func(scheme, host string) string { return scheme + "://wsx-check.example/" + host }),
		foreign("port", check.Info, "A page of another port of the same host is another site.", "HOST:1",
			func(scheme, host string) string {
				if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
					host = host[:at]
				}
				return scheme + "://" + host + ":1"
			}),
	}
}

// auth is about requests without credentials where the user gave some.
func auth() []check.Check {
	const needed = "where credentials were given: "
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
			Wanted: needed + "an HTTP error, as 401", Judge: check.Credentials(without, check.NotUpgraded)},
		{ID: "auth/wrong", Severity: check.Security, Clause: "RFC 9110 11.4", Title: "A request with wrong credentials is refused.", Sent: "the credentials with another secret",
			Wanted: needed + "an HTTP error, as 401", Judge: check.Credentials(wrong, check.NotUpgraded)},
		{ID: "auth/challenge", Severity: check.Must, Clause: "RFC 9110 15.5.2", Title: "A response 401 says how to log in.", Sent: "no Authorization, no Cookie",
			Wanted: "401 with WWW-Authenticate", Judge: check.Credentials(without, check.Challenged)},
		{ID: "auth/disclosed", Severity: check.Security, Clause: "RFC 9110 17.16", Title: "A refusal does not repeat the credentials.", Sent: "the credentials with another secret",
			Wanted: needed + "a response without them", Judge: check.Credentials(wrong, check.Discloses(wrongSecret, wrongBasic))},
	}
}

// What is sent in place of a secret: as it is, and as Basic credentials end with it.
const (
	wrongSecret = "wsx-check-wrong-secret"
	wrongBasic  = "d3N4LWNoZWNrOndzeC1jaGVjay13cm9uZy1zZWNyZXQ=" // wsx-check:wsx-check-wrong-secret
)

// wrongCredentials are like those of a header, with another secret.
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

// basicWrong keeps the user's name of Basic credentials (RFC 7617).
func basicWrong(credentials string) string {
	decoded, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil {
		return wrongBasic
	}
	user, _, _ := strings.Cut(string(decoded), ":")
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + wrongSecret))
}

// tlsRows is about the TLS below (RFC 8996, RFC 9325).
func tlsRows() []check.Check {
	return []check.Check{
		{ID: "tls/1.0", Severity: check.Security, Clause: "RFC 8996 4", Title: "TLS 1.0 is not spoken.", Sent: "a ClientHello of TLS 1.0", Wanted: "a refusal", Judge: check.TLSVersion(tls.VersionTLS10, false)},
		{ID: "tls/1.1", Severity: check.Security, Clause: "RFC 8996 5", Title: "TLS 1.1 is not spoken.", Sent: "a ClientHello of TLS 1.1", Wanted: "a refusal", Judge: check.TLSVersion(tls.VersionTLS11, false)},
		{ID: "tls/1.3", Severity: check.Should, Clause: "RFC 9325 3.1.1", Title: "TLS 1.3 is spoken.", Sent: "a ClientHello of TLS 1.3", Wanted: "TLS 1.3", Judge: check.TLSVersion(tls.VersionTLS13, true)},
		{ID: "tls/cleartext", Severity: check.Security, Clause: "RFC 6455 10.6", Title: "The port does not upgrade without TLS.", Sent: "an opening handshake in clear text", Wanted: "no upgrade", Judge: check.Cleartext()},
		{ID: "tls/expires", Severity: check.Info, Clause: "RFC 5280 4.1.2.5", Title: "The certificate is valid for another two weeks.", Sent: "nothing more", Wanted: "an end at least 14 days from now",
			Judge: check.Certificate(func(state *tls.ConnectionState, now time.Time) check.Outcome {
				end := state.PeerCertificates[0].NotAfter
				return check.Holds(end.Sub(now) > 14*24*time.Hour, "until "+end.UTC().Format(time.DateOnly))
			})},
		{ID: "tls/key", Severity: check.Security, Clause: "RFC 9325 4.3", Title: "The certificate's signature is made with a hash that cannot be forged.", Sent: "nothing more", Wanted: "a signature with SHA-256 or better",
			Judge: check.Certificate(func(state *tls.ConnectionState, _ time.Time) check.Outcome {
				name := state.PeerCertificates[0].SignatureAlgorithm.String()
				return check.Holds(!strings.Contains(name, "SHA1") && !strings.Contains(name, "MD5"), name)
			})},
	}
}

// info is about what is only good to know.
func info() []check.Check {
	discloses := func(name, header string) check.Check {
		checks := requests("info", request{severity: check.Info, clause: "RFC 9110 10.2.4", sent: "the request as a client writes it"},
			request{name: name, title: fmt.Sprintf("The header %s has no version number.", header), wanted: fmt.Sprintf("no %s, or one without a number", header),
				judge: func(e *check.Exchange) check.Outcome {
					if e.Err != nil {
						return check.Outcome{Verdict: check.Skip, Came: "no response"}
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

// live is about clients that go away, or do not do their part.
func live() []check.Check {
	const clause = "RFC 6455 10.4"
	return []check.Check{
		{ID: "live/pongs", Severity: check.Must, Clause: "RFC 6455 5.5.2", Title: "Pings are answered, one after the other.", Sent: "ten pings, each after the pong of the last", Wanted: "ten pongs", Judge: check.Pongs(10)},
		{ID: "live/abort", Severity: check.Security, Clause: clause, Title: "A client that is gone in the middle of a frame takes nothing with it.", Sent: "half a frame, and the end of the connection",
			Wanted: "other connections are served", Judge: check.Aborted(probe.Text("gone").Claiming(100))},
		{ID: "live/abort-message", Severity: check.Security, Clause: clause, Title: "A client that is gone in the middle of a message takes nothing with it.", Sent: "a fragment, and the end of the connection",
			Wanted: "other connections are served", Judge: check.Aborted(probe.Text("gone").Begin())},
		{ID: "live/half-close", Severity: check.Should, Clause: "RFC 6455 7.1.5", Title: "A connection whose client has ended its half without a Close is ended.", Sent: "the end of what is sent",
			Wanted: "the end of the stream", Judge: check.HalfClosed()},
		{ID: "live/unfinished", Severity: check.Security, Clause: clause, Title: "A request that does not end keeps no other waiting.", Sent: "half a request line, and another connection", Wanted: "the other connection is served", Judge: check.UnfinishedRequest()},
		{ID: "live/unread", Severity: check.Security, Clause: clause, Title: "A client that reads nothing keeps no other waiting.", Sent: "8 MiB to echo that are not read, and another connection", Wanted: "the other connection is served", Judge: check.Unread()},
		{ID: "live/idle", Severity: check.Info, Clause: "RFC 6455 5.5.2", Full: true, Title: "A connection on which nothing is sent stays open for 30 seconds.", Sent: "nothing for 30 seconds, then a ping", Wanted: "pong", Judge: check.Idle(30 * time.Second)},
		{ID: "live/slow", Severity: check.Security, Clause: clause, Full: true, Title: "A request that comes byte by byte is cut off within a minute.", Sent: "two bytes a second", Wanted: "the end of the connection", Judge: check.Slow(time.Minute)},
	}
}
