package check

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
)

// hasCredentials reports whether the options have credentials.
func (s *Server) hasCredentials() bool {
	o := s.Options
	target, _ := dial.ParseURL(s.URL) // valid, since it was dialed
	header := slices.ContainsFunc(o.Header, func(h dial.HeaderLine) bool {
		return !h.Remove && (strings.EqualFold(h.Name, "Authorization") || strings.EqualFold(h.Name, "Cookie"))
	})
	return header || len(o.Cookies) > 0 || o.User != "" || o.Bearer != "" || o.Netrc != "" || target.User != nil
}

// origin returns the origin of a page of the server's own host (RFC 6454, section 6.1).
func (s *Server) origin() (scheme, host string) {
	target, _ := dial.ParseURL(s.URL) // valid, since it was dialed
	scheme, defaultPort := "http", "80"
	if target.Secure {
		scheme, defaultPort = "https", "443"
	}
	host = target.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if target.Port != defaultPort {
		host += ":" + target.Port
	}
	return scheme, host
}

// FromOrigin returns a check that a page of another origin cannot connect with the credentials that a browser adds.
func FromOrigin(origin func(scheme, host string) string) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		scheme, host := s.origin()
		return Credentials(func(r *probe.Request) { r.Set("Origin: " + origin(scheme, host)) }, NotUpgraded)(ctx, s)
	}
}

// FromOwnOrigin returns a check that a page of the server's own host can connect.
func FromOwnOrigin() RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		scheme, host := s.origin()
		return Requests(Request{
			Change: func(r *probe.Request) { r.Set("Origin: " + scheme + "://" + host) },
			Evaluate: func(e *Exchange) Outcome {
				if e.Upgraded() {
					return Outcome{Verdict: Pass, Received: e.describe()}
				}
				return Outcome{Verdict: Inconclusive, Received: e.describe()}
			},
		})(ctx, s)
	}
}

// Credentials returns a check of a changed request, which is skipped if the user gave no credentials.
func Credentials(change func(*probe.Request), evaluate func(*Exchange) Outcome) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if !s.hasCredentials() {
			return Outcome{Verdict: Skip, Received: "neither a cookie nor credentials were given"}, nil
		}
		return Requests(Request{Change: change, Evaluate: evaluate})(ctx, s)
	}
}

// NotUpgraded returns the outcome of a request that the server must not upgrade.
func NotUpgraded(e *Exchange) Outcome { return Holds(!e.Upgraded(), e.describe()) }

// Challenged returns the outcome of a response 401, which must have a challenge.
func Challenged(e *Exchange) Outcome {
	if e.Err != nil || e.Response.Status != 401 {
		return Outcome{Verdict: Skip, Received: e.describe()}
	}
	value := e.Response.Header.Get("WWW-Authenticate")
	return Holds(value != "", e.Response.Line+", WWW-Authenticate: "+value)
}

// Discloses returns a function that checks that an error response does not contain the password that was sent.
func Discloses(secrets ...string) func(*Exchange) Outcome {
	return func(e *Exchange) Outcome {
		text := e.Body()
		if e.Response != nil {
			text += strings.Join(e.Response.Lines, "\n")
		}
		if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
			return Outcome{Verdict: Fail, Received: "the response repeats the credentials"}
		}
		return Outcome{Verdict: Pass, Received: e.describe()}
	}
}

// secured returns a check that is skipped on connections without TLS.
func secured(run RunFunc) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		target, _ := dial.ParseURL(s.URL) // valid, since it was dialed
		if !target.Secure {
			return Outcome{Verdict: Skip, Received: "the connection does not use TLS"}, nil
		}
		return run(ctx, s)
	}
}

// cleartext connects to the server's port without TLS.
func (s *Server) cleartext(ctx context.Context) (*dial.Transport, error) {
	target, err := dial.ParseURL(s.URL)
	if err != nil {
		return nil, err
	}
	target.Secure, target.User = false, nil
	o := s.Options
	o.HTTP = dial.HTTP1
	d, err := dial.New(ctx, target.String(), o)
	if err != nil {
		return nil, err
	}
	return d.Connect(ctx)
}

// TLSVersion returns a check of whether the server supports a version of TLS; wanted is true if it should.
func TLSVersion(version uint16, wanted bool) RunFunc {
	return secured(func(ctx context.Context, s *Server) (Outcome, error) {
		if s.Options.HTTP == dial.HTTP3 {
			return Outcome{Verdict: Skip, Received: "QUIC uses TLS 1.3 only"}, nil
		}
		t, err := s.cleartext(ctx)
		if err != nil {
			return Outcome{}, err
		}
		defer t.Close()
		target, _ := dial.ParseURL(s.URL)
		name := s.Options.ServerName
		name = cmp.Or(name, target.Host)
		config := &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version, NextProtos: []string{"http/1.1"}} // only the version is checked
		for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			config.CipherSuites = append(config.CipherSuites, suite.ID)
		}
		limitedCtx, cancel := context.WithTimeout(ctx, 5*s.Timeout)
		defer cancel()
		err = tls.Client(t.Conn, config).HandshakeContext(limitedCtx)
		if err != nil {
			return Holds(!wanted, fmt.Sprintf("%s was refused", tls.VersionName(version))), nil
		}
		return Holds(wanted, fmt.Sprintf("%s was negotiated", tls.VersionName(version))), nil
	})
}

// Cleartext returns a check that a port with TLS does not upgrade without it.
func Cleartext() RunFunc {
	return secured(func(ctx context.Context, s *Server) (Outcome, error) {
		if o, skip := skipsUnless(dial.HTTP1)(s); skip {
			return o, nil
		}
		t, err := s.cleartext(ctx)
		if err != nil {
			return Outcome{}, err
		}
		defer t.Close()
		request := probe.Request{Lines: t.Request}
		for _, name := range []string{"Authorization", "Cookie"} {
			request.Without(name) // credentials are never sent in cleartext
		}
		request.Add("Sec-WebSocket-Key: " + probe.NewKey())
		response, err := request.Do(t.Conn, s.Timeout)
		if err == nil {
			return Holds(response.Status != 101, response.Line), nil
		}
		return Outcome{Verdict: Pass, Received: "no upgrade"}, nil
	})
}

// Certificate returns a check of the server's certificate.
func Certificate(evaluate func(*tls.ConnectionState, time.Time) Outcome) RunFunc {
	return secured(func(_ context.Context, s *Server) (Outcome, error) {
		if s.Facts.Handshake == nil || s.Facts.Handshake.TLS == nil || len(s.Facts.Handshake.TLS.PeerCertificates) == 0 {
			return Outcome{Verdict: Skip, Received: "no certificate is known"}, nil
		}
		return evaluate(s.Facts.Handshake.TLS, time.Now()), nil
	})
}
