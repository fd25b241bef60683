package dial

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// facts returns what explanations and hints may name in braces, without secrets.
func (s *failedStep) facts() map[string]string {
	host, port := s.hostPort()
	facts := map[string]string{
		"host":      host,
		"port":      port,
		"path":      shortURL(RedactURL(s.target.Path)),
		"plain":     s.withScheme(false),
		"secure":    s.withScheme(true),
		"origin":    s.target.httpURL().Scheme + "://" + s.target.authority(),
		"timeout":   s.options.connectTimeout().String(),
		"redirects": fmt.Sprint(s.options.maxRedirects()),
		"name":      cmp.Or(s.options.ServerName, s.target.Host),
		"family":    map[bool]string{true: "IPv4", false: "IPv6"}[s.options.IPv4Only],
	}
	maps.Copy(facts, s.certificateFacts())
	maps.Copy(facts, s.refusalFacts())
	if s.err != nil {
		facts["error"] = innermostText(s.err)
	}
	if s.proxy != nil {
		facts["proxyscheme"], facts["proxyaddress"], facts["variable"] = s.proxy.scheme, s.proxy.address(), s.proxy.source
	}
	return facts
}

// expand replaces names in braces by the facts.
func expand(template string, facts map[string]string) string {
	if !strings.Contains(template, "{") {
		return template
	}
	pairs := make([]string, 0, 2*len(facts))
	for name, fact := range facts {
		pairs = append(pairs, "{"+name+"}", fact)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// hostPort returns the host and port that the step was about: those dialed while dialing, else the target's.
func (s *failedStep) hostPort() (host, port string) {
	if host, port, err := net.SplitHostPort(s.dialing); err == nil && (s.step == NameStep || s.step == TCPStep) {
		return host, port
	}
	return s.target.Host, s.target.Port
}

// withScheme returns the URL with or without TLS.
func (s *failedStep) withScheme(secure bool) string {
	other := s.target
	other.Secure = secure
	if s.target.Port == s.target.defaultPort() {
		other.Port = other.defaultPort()
	}
	return s.shownURL(other)
}

func (s *failedStep) certificateFacts() map[string]string {
	cert := s.failedCertificate()
	return map[string]string{
		"notbefore": day(cert.NotBefore),
		"notafter":  day(cert.NotAfter),
		"issuer":    cmp.Or(cert.Issuer.String(), "without a name"),
		"names":     certificateNames(cert),
		"pin":       pin(sha256.Sum256(cert.RawSubjectPublicKeyInfo)).String(),
	}
}

// maxNames is how many names of a certificate are listed; some have hundreds.
const maxNames = 5

// certificateNames returns the names and addresses that a certificate is for.
func certificateNames(cert *x509.Certificate) string {
	names := slices.Clone(cert.DNSNames)
	for _, address := range cert.IPAddresses {
		names = append(names, address.String())
	}
	switch {
	case len(names) == 0:
		return "no name at all"
	case len(names) > maxNames:
		names = append(names[:maxNames], fmt.Sprintf("%d more", len(names)-maxNames))
	}
	return strings.Join(names, ", ")
}

func (s *failedStep) refusalFacts() map[string]string {
	if s.refusal == nil {
		return nil
	}
	return map[string]string{
		"status":     s.refusal.reason(),
		"scheme":     s.refusal.scheme(),
		"location":   shortURL(RedactURL(s.refusal.Header.Get("Location"))),
		"versions":   s.refusal.versions(),
		"retryafter": s.refusal.RetryAfter.Round(time.Second).String(),
	}
}

// reason returns the status line without the version: "404 Not Found".
func (r *Refusal) reason() string {
	_, reason, _ := strings.Cut(r.StatusLine, " ")
	return strings.TrimSpace(reason)
}

// scheme returns the first authentication scheme that the server asks for; "" = it names no scheme.
func (r *Refusal) scheme() string {
	scheme, _, _ := strings.Cut(r.Header.Get("WWW-Authenticate"), " ")
	return strings.TrimRight(scheme, ",")
}

// versions returns the WebSocket versions that the server lists.
func (r *Refusal) versions() string {
	return strings.Join(r.Header.Values("Sec-WebSocket-Version"), ", ")
}

// innermostText returns the innermost error, without the operations and addresses that wrap it.
func innermostText(err error) string {
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return strings.TrimPrefix(certificate.Err.Error(), "x509: ")
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return name.Err
	}
	if system, ok := errors.AsType[*os.SyscallError](err); ok {
		return system.Err.Error()
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return innermostText(operation.Err)
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
