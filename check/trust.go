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

// Credentialed reports whether the options carry credentials.
func (s *Server) Credentialed() bool {
	o := s.Options
	target, _ := dial.ParseURL(s.URL) // it was dialed
	header := slices.ContainsFunc(o.Header, func(h dial.HeaderLine) bool {
		return !h.Remove && (strings.EqualFold(h.Name, "Authorization") || strings.EqualFold(h.Name, "Cookie"))
	})
	return header || len(o.Cookies) > 0 || o.User != "" || o.Bearer != "" || o.Netrc != "" || target.User != nil
}

// Origin is the origin of a page of the server's own host (RFC 6454, section 6.1).
func (s *Server) Origin() (scheme, host string) {
	target, _ := dial.ParseURL(s.URL) // it was dialed
	scheme, standard := "http", "80"
	if target.Secure {
		scheme, standard = "https", "443"
	}
	host = target.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if target.Port != standard {
		host += ":" + target.Port
	}
	return scheme, host
}

// FromOrigin is a Judge of what a page of another origin may do with the credentials that the browser adds: nothing.
func FromOrigin(origin func(scheme, host string) string) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if !s.Credentialed() {
			return Outcome{Verdict: Skip, Came: "neither a cookie nor credentials were given"}, nil
		}
		scheme, host := s.Origin()
		return Requests(Request{
			Change: func(r *probe.Request) { r.Set("Origin: " + origin(scheme, host)) },
			Judge:  func(e *Exchange) Outcome { return Holds(!e.Upgraded(), e.came()) },
		})(ctx, s)
	}
}

// FromOwnOrigin is a Judge of whether a page of the server's own host may connect.
func FromOwnOrigin() Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		scheme, host := s.Origin()
		return Requests(Request{
			Change: func(r *probe.Request) { r.Set("Origin: " + scheme + "://" + host) },
			Judge: func(e *Exchange) Outcome {
				if e.Upgraded() {
					return Outcome{Verdict: Pass, Came: e.came()}
				}
				return Outcome{Verdict: Inconclusive, Came: e.came()}
			},
		})(ctx, s)
	}
}

// Credentials is a Judge of a request whose credentials are taken away or changed.
func Credentials(change func(*probe.Request), judge func(*Exchange) Outcome) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if !s.Credentialed() {
			return Outcome{Verdict: Skip, Came: "neither a cookie nor credentials were given"}, nil
		}
		return Requests(Request{Change: change, Judge: judge})(ctx, s)
	}
}

// NotUpgraded judges whether the server refuses the upgrade.
func NotUpgraded(e *Exchange) Outcome { return Holds(!e.Upgraded(), e.came()) }

// Challenged judges whether a response 401 says how to log in.
func Challenged(e *Exchange) Outcome {
	if e.Err != nil || e.Response.Status != 401 {
		return Outcome{Verdict: Skip, Came: e.came()}
	}
	value := e.Response.Header.Get("WWW-Authenticate")
	return Holds(value != "", e.Response.Line+", WWW-Authenticate: "+value)
}

// Discloses is a Judge of whether an error repeats what was sent as a password.
func Discloses(secrets ...string) func(*Exchange) Outcome {
	return func(e *Exchange) Outcome {
		text := e.Body()
		if e.Response != nil {
			text += strings.Join(e.Response.Lines, "\n")
		}
		if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
			return Outcome{Verdict: Fail, Came: "the response repeats the credentials"}
		}
		return Outcome{Verdict: Pass, Came: e.came()}
	}
}

// secured is a Judge for connections over TLS.
func secured(judge Judge) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		target, _ := dial.ParseURL(s.URL) // it was dialed
		if !target.Secure {
			return Outcome{Verdict: Skip, Came: "the connection does not use TLS"}, nil
		}
		return judge(ctx, s)
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
	d, err := dial.New(target.String(), o)
	if err != nil {
		return nil, err
	}
	return d.Connect(ctx)
}

// TLSVersion is a Judge of whether the server speaks a version of TLS; wanted says whether it should.
func TLSVersion(version uint16, wanted bool) Judge {
	return secured(func(ctx context.Context, s *Server) (Outcome, error) {
		if s.Options.HTTP == dial.HTTP3 {
			return Outcome{Verdict: Skip, Came: "QUIC uses TLS 1.3 only"}, nil
		}
		t, err := s.cleartext(ctx)
		if err != nil {
			return Outcome{}, err
		}
		defer t.Close()
		target, _ := dial.ParseURL(s.URL)
		name := s.Options.ServerName
		name = cmp.Or(name, target.Host)
		config := &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version, NextProtos: []string{"http/1.1"}} // only the version is judged
		for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			config.CipherSuites = append(config.CipherSuites, suite.ID)
		}
		limited, cancel := context.WithTimeout(ctx, 5*s.Patience)
		defer cancel()
		err = tls.Client(t.Conn, config).HandshakeContext(limited)
		if err != nil {
			return Holds(!wanted, fmt.Sprintf("%s was refused", tls.VersionName(version))), nil
		}
		return Holds(wanted, fmt.Sprintf("%s was negotiated", tls.VersionName(version))), nil
	})
}

// Cleartext is a Judge of whether a port with TLS also upgrades without it.
func Cleartext() Judge {
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
			request.Without(name) // they are not for the wire in clear text
		}
		request.Add("Sec-WebSocket-Key: " + probe.NewKey())
		response, err := request.Ask(t.Conn, s.Patience)
		if err == nil {
			return Holds(response.Status != 101, response.Line), nil
		}
		return Outcome{Verdict: Pass, Came: "no upgrade"}, nil
	})
}

// Certificate is a Judge of the server's certificate.
func Certificate(judge func(*tls.ConnectionState, time.Time) Outcome) Judge {
	return secured(func(_ context.Context, s *Server) (Outcome, error) {
		if s.Facts.Handshake == nil || s.Facts.Handshake.TLS == nil || len(s.Facts.Handshake.TLS.PeerCertificates) == 0 {
			return Outcome{Verdict: Skip, Came: "no certificate is known"}, nil
		}
		return judge(s.Facts.Handshake.TLS, time.Now()), nil
	})
}
