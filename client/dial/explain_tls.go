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
		{TLSTimeout, TLSStep, tooSlow, "no answer within {timeout}"},
		{TLSAnsweredHTTP, TLSStep, answeredHTTP, "the server answered in plain HTTP"},
		{NotTLS, TLSStep, errorAs[tls.RecordHeaderError], "the server does not speak TLS"},
		{PinMismatch, TLSStep, errorAs[*pinError], ""},
		{CertificateNotYetValid, TLSStep, allOf(invalid(x509.Expired), notYetValid), "the certificate is valid only from {notbefore}"},
		{CertificateExpired, TLSStep, invalid(x509.Expired), "the certificate expired on {notafter}"},
		{CertificateName, TLSStep, errorAs[x509.HostnameError], "the certificate is for {names}, not for {name}"},
		{CertificateSelfSigned, TLSStep, allOf(errorAs[x509.UnknownAuthorityError], selfSigned), "the certificate is self-signed"},
		{CertificateUnknownAuthority, TLSStep, errorAs[x509.UnknownAuthorityError], "the certificate is signed by an unknown authority, {issuer}"},
		{CertificateInvalid, TLSStep, errorAs[*tls.CertificateVerificationError], "the certificate is not accepted: {error}"},
		{ClientCertificateRequired, TLSStep, allOf((*symptom).deniedCertificate, withoutCertificate), "the server requires a client certificate"},
		{ClientCertificateRejected, TLSStep, (*symptom).deniedCertificate, "the server does not accept our certificate: {error}"},
		{ALPNRefused, TLSStep, allOf(unless(extended), errorSays("tls: no application protocol")), "the server does not speak HTTP/1.1 over TLS"},
		{CertificateMalformed, TLSStep, errorSays("failed to parse certificate from server"), "{error}"},
		{TLSVersion, TLSStep, errorSays("tls: protocol version not supported", "server selected unsupported protocol version"), "the server supports no TLS version that is allowed here"},
		{TLSUnknownName, TLSStep, errorSays("tls: unrecognized name"), "the server does not know the name {name}"},
		{TLSNothingInCommon, TLSStep, errorSays("tls: handshake failure"), "client and server have no TLS version, cipher or name in common"},
		{TLSClosed, TLSStep, cutOff, "the server closed the connection during the TLS handshake"},
		{TLSOther, TLSStep, always, ""},
	}
}

func answeredHTTP(s *symptom) bool {
	record, ok := errors.AsType[tls.RecordHeaderError](s.err)
	return ok && bytes.HasPrefix(record.RecordHeader[:], []byte("HTTP/"))
}

func invalid(reason x509.InvalidReason) func(*symptom) bool {
	return func(s *symptom) bool {
		mismatch, ok := errors.AsType[x509.CertificateInvalidError](s.err)
		return ok && mismatch.Reason == reason
	}
}

func notYetValid(s *symptom) bool { return s.now().Before(s.suspect().NotBefore) }

func selfSigned(s *symptom) bool {
	cert := s.suspect()
	return bytes.Equal(cert.RawIssuer, cert.RawSubject)
}

// suspect returns the certificate that the error is about, or the server's first.
func (s *symptom) suspect() *x509.Certificate {
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
func (s *symptom) deniedCertificate() bool {
	return s.askedForCertificate && (errorSays("remote error: tls: ")(s) || s.certificate == nil && cutOff(s))
}

func withoutCertificate(s *symptom) bool { return s.certificate == nil }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
