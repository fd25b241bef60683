package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// certificateValidity is how long a self-signed certificate is valid.
const certificateValidity = 30 * 24 * time.Hour

// TLS selects the certificate. The zero value serves without TLS.
type TLS struct {
	SelfSigned bool   // create a certificate for the loopback names and the host of Options.Addr
	CertFile   string // or use this one: PEM, the leaf first
	KeyFile    string // and its key
	Out        string // file to write the self-signed certificate to, PEM, for clients to trust; "" = not written
}

func (t TLS) enabled() bool { return t.SelfSigned || t.CertFile != "" }

func (t TLS) check() error {
	switch {
	case (t.CertFile == "") != (t.KeyFile == ""):
		return usageError("a certificate needs its key: give both files")
	case t.SelfSigned && t.CertFile != "":
		return usageError("the certificate is either generated or read from a file: give only one")
	case t.Out != "" && !t.SelfSigned:
		return usageError("only a generated certificate is written to a file")
	}
	return nil
}

// certificate returns the certificate of the options; nil = no TLS.
func (t TLS) certificate(addr string, now time.Time) (*tls.Certificate, error) {
	if t.CertFile != "" {
		return loadCertificate(t.CertFile, t.KeyFile)
	}
	if !t.SelfSigned {
		return nil, nil
	}
	made, err := makeCertificate(addr, now)
	if err != nil {
		return nil, certificateError("generate a certificate: %w", err)
	}
	if t.Out == "" {
		return made, nil
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificate[0]})
	if err := os.WriteFile(t.Out, block, 0o644); err != nil {
		return nil, &Error{File, fmt.Errorf("write the certificate: %w", err)}
	}
	return made, nil
}

func loadCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	loaded, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		why := strings.TrimPrefix(err.Error(), "tls: ")
		return nil, certificateError("certificate %q with key %q: %s", certFile, keyFile, why)
	}
	return &loaded, nil
}

// makeCertificate returns a certificate that is its own authority, so that a client can trust only it.
func makeCertificate(addr string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "wsx serve"},
		NotBefore:             now.Add(-time.Hour), // clocks differ
		NotAfter:              now.Add(certificateValidity),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	addHost(template, addr)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// addHost adds the host that the server listens on to the certificate.
func addHost(template *x509.Certificate, addr string) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "" || host == "localhost" {
		return
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
		return
	}
	template.DNSNames = append(template.DNSNames, host)
}

// fingerprint returns the SHA-256 of a certificate, as browsers and openssl show it.
func fingerprint(c tls.Certificate) string {
	var pairs []string
	for _, b := range sha256.Sum256(c.Certificate[0]) {
		pairs = append(pairs, fmt.Sprintf("%02X", b))
	}
	return strings.Join(pairs, ":")
}
