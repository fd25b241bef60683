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
		{TLSTimeout, TLSStep, timedOut, "no answer within {timeout}"},
		{TLSAnsweredHTTP, TLSStep, isPlainHTTP, "the server answered in plain HTTP"},
		{NotTLS, TLSStep, errorAs[tls.RecordHeaderError], "the server does not speak TLS"},
		{PinMismatch, TLSStep, errorAs[*pinError], ""},
		{CertificateNotYetValid, TLSStep, allOf(invalid(x509.Expired), isNotYetValid), "the certificate is valid only from {notbefore}"},
		{CertificateExpired, TLSStep, invalid(x509.Expired), "the certificate expired on {notafter}"},
		{CertificateName, TLSStep, errorAs[x509.HostnameError], "the certificate is for {names}, not for {name}"},
		{CertificateSelfSigned, TLSStep, allOf(errorAs[x509.UnknownAuthorityError], isSelfSigned), "the certificate is self-signed"},
		{CertificateUnknownAuthority, TLSStep, errorAs[x509.UnknownAuthorityError], "the certificate is signed by an unknown authority, {issuer}"},
		{CertificateInvalid, TLSStep, errorAs[*tls.CertificateVerificationError], "the certificate is not accepted: {error}"},
		{ClientCertificateRequired, TLSStep, allOf((*failedStep).deniedCertificate, hasNoCertificate), "the server requires a client certificate"},
		{ClientCertificateRejected, TLSStep, (*failedStep).deniedCertificate, "the server does not accept the client certificate: {error}"},
		{ALPNRefused, TLSStep, allOf(unless(isExtended), errorSays("tls: no application protocol")), "the server does not speak HTTP/1.1 over TLS"},
		{CertificateMalformed, TLSStep, errorSays("failed to parse certificate from server"), "{error}"},
		{TLSVersion, TLSStep, errorSays("tls: protocol version not supported", "server selected unsupported protocol version"), "the server supports no TLS version that is allowed here"},
		{TLSUnknownName, TLSStep, errorSays("tls: unrecognized name"), "the server does not know the name {name}"},
		{TLSNothingInCommon, TLSStep, errorSays("tls: handshake failure"), "client and server have no TLS version, cipher or name in common"},
		{TLSClosed, TLSStep, closedEarly, "the server closed the connection during the TLS handshake"},
		{TLSOther, TLSStep, matchAll, ""},
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
