package dial

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// tlsConfig returns the configuration that all TLS connections of a dialer share: everything except the server's name and the
// client certificate.
func (o Options) tlsConfig(ctx context.Context) (*tls.Config, error) {
	roots, err := o.roots(ctx)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		CipherSuites:       o.cipherSuites(),
		RootCAs:            roots,
		InsecureSkipVerify: o.Insecure,
		MinVersion:         o.MinVersion,
		KeyLogWriter:       o.KeyLog,
	}, nil
}

// cipherSuites returns Go's defaults; if a version below TLS 1.2 is allowed, also the suites with RSA key exchange that servers of
// that time need.
func (o Options) cipherSuites() []uint16 {
	if o.MinVersion == 0 || o.MinVersion >= tls.VersionTLS12 {
		return nil
	}
	var ids []uint16
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, suite.ID)
	}
	return ids
}

// secure performs the TLS handshake with the target on conn, and closes conn if it fails.
func (a *attempt) secure(ctx context.Context, conn net.Conn) (net.Conn, error) {
	defer a.addTime(&a.handshake.Timing.TLS)()
	secured := tls.Client(conn, a.tlsConfig())
	err := secured.HandshakeContext(ctx)
	state := secured.ConnectionState()
	a.handshake.TLS = &state
	if err != nil {
		conn.Close()
		a.keepUnverified(err)
		return nil, a.fail(ctx, TLSStep, err)
	}
	return secured, nil
}

// tlsConfig returns the configuration for the target.
func (a *attempt) tlsConfig() *tls.Config {
	config := a.dialer.tls.Clone()
	config.ServerName = cmp.Or(normalizeHost(a.options.ServerName), withoutZone(a.target.Host))
	config.NextProtos = []string{a.options.HTTP.alpn()}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		a.askedForCertificate = true
		return a.ourCertificate(), nil
	}
	config.VerifyConnection = func(state tls.ConnectionState) error { return checkPins(a.dialer.pins, state) }
	return config
}

// ourCertificate returns the client certificate; an empty one stands for none.
func (a *attempt) ourCertificate() *tls.Certificate { return cmp.Or(a.certificate, &tls.Certificate{}) }

// keepUnverified keeps the certificates that failed verification, for the error.
func (a *attempt) keepUnverified(err error) {
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		a.handshake.TLS.PeerCertificates = unverified.UnverifiedCertificates
	}
}

// secureProxy performs the TLS handshake with a proxy. It trusts the same authorities as for the target; pins and our certificate are
// for the target only.
func (a *attempt) secureProxy(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	config := a.dialer.tls.Clone()
	config.ServerName = withoutZone(host)
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, a.fail(ctx, ProxyStep, err)
	}
	return secured, nil
}
