package dial

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// tlsExplanations returns the explanations for the TLS handshake with the target.
func tlsExplanations() []explanation {
	return []explanation{
		{"tls-timeout", TLSStep, timedOut, "no answer within {timeout}"},
		{"tls-answered-http", TLSStep, isPlainHTTP, "the server answered in plain HTTP"},
		{"not-tls", TLSStep, errorAs[tls.RecordHeaderError], "the server does not speak TLS"},
		{"pin-mismatch", TLSStep, errorAs[*pinError], ""},
		{"certificate-not-yet-valid", TLSStep, allOf(invalid(x509.Expired), isNotYetValid), "the certificate is valid only from {notbefore}"},
		{"certificate-expired", TLSStep, invalid(x509.Expired), "the certificate expired on {notafter}"},
		{"certificate-name", TLSStep, errorAs[x509.HostnameError], "the certificate is for {names}, not for {name}"},
		{"certificate-self-signed", TLSStep, allOf(errorAs[x509.UnknownAuthorityError], isSelfSigned), "the certificate is self-signed"},
		{"certificate-unknown-authority", TLSStep, errorAs[x509.UnknownAuthorityError], "the certificate is signed by an unknown authority, {issuer}"},
		{"certificate-invalid", TLSStep, errorAs[*tls.CertificateVerificationError], "the certificate is not accepted: {error}"},
		{"client-certificate-required", TLSStep, allOf((*failedStep).deniedCertificate, hasNoCertificate), "the server requires a client certificate"},
		{"client-certificate-rejected", TLSStep, (*failedStep).deniedCertificate, "the server does not accept the client certificate: {error}"},
		{"alpn-refused", TLSStep, allOf(unless(isExtended), errorSays("tls: no application protocol")), "the server does not speak HTTP/1.1 over TLS"},
		{"certificate-malformed", TLSStep, errorSays("failed to parse certificate from server"), "{error}"},
		{"tls-version", TLSStep, errorSays("tls: protocol version not supported", "server selected unsupported protocol version"), "the server supports no TLS version that is allowed here"},
		{"tls-unknown-name", TLSStep, errorSays("tls: unrecognized name"), "the server does not know the name {name}"},
		{"tls-nothing-in-common", TLSStep, errorSays("tls: handshake failure"), "client and server have no TLS version, cipher or name in common"},
		{"tls-closed", TLSStep, closedEarly, "the server closed the connection during the TLS handshake"},
		{"tls-other", TLSStep, matchAll, ""},
	}
}

func isPlainHTTP(s *failedStep) bool {
	record, ok := errors.AsType[tls.RecordHeaderError](s.err)
	return ok && bytes.HasPrefix(record.RecordHeader[:], []byte("HTTP/"))
}

func invalid(reason x509.InvalidReason) func(*failedStep) bool {
	return func(s *failedStep) bool {
		mismatch, ok := errors.AsType[x509.CertificateInvalidError](s.err)
		return ok && mismatch.Reason == reason
	}
}

func isNotYetValid(s *failedStep) bool { return time.Now().Before(s.failedCertificate().NotBefore) }

func isSelfSigned(s *failedStep) bool {
	cert := s.failedCertificate()
	return bytes.Equal(cert.RawIssuer, cert.RawSubject)
}

// failedCertificate returns the certificate that the error is about, or the server's first.
func (s *failedStep) failedCertificate() *x509.Certificate {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](s.err); ok && invalid.Cert != nil {
		return invalid.Cert
	}
	if state := s.handshake.TLS; state != nil && len(state.PeerCertificates) > 0 {
		return state.PeerCertificates[0]
	}
	return &x509.Certificate{}
}

// deniedCertificate reports whether the server asked for a certificate and did not accept ours. With TLS 1.3 it alerts only after the
// handshake, and closes: the alert may be lost.
func (s *failedStep) deniedCertificate() bool {
	return s.askedForCertificate && (errorSays("remote error: tls: ")(s) || s.certificate == nil && closedEarly(s))
}

func hasNoCertificate(s *failedStep) bool { return s.certificate == nil }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
