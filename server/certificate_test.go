package server

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestSelfSignedCertificate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	s := serve(t, Options{TLS: TLS{SelfSigned: true, Out: file}})
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(written) {
		t.Fatalf("%s is not a certificate", written)
	}
	_, port, _ := strings.Cut(s.Addr().String(), ":")
	for _, url := range []string{s.URL(), "wss://localhost:" + port} {
		c := dial(t, url, overTLS(t, &tls.Config{RootCAs: trusted}))
		c.send("secret")
		c.expect("secret")
	}
	if _, _, err := websocket.Dial(t.Context(), s.URL(), overTLS(t, &tls.Config{RootCAs: x509.NewCertPool()})); err == nil {
		t.Error("the certificate is trusted without its file")
	}
	block, _ := pem.Decode(written)
	want := fmt.Sprintf("%X", sha256.Sum256(block.Bytes))
	if got := strings.ReplaceAll(s.Fingerprint(), ":", ""); got != want {
		t.Errorf("fingerprint is %s, want %s", s.Fingerprint(), want)
	}
}

func overTLS(t testing.TB, config *tls.Config) *websocket.DialOptions {
	transport := &http.Transport{TLSClientConfig: config}
	t.Cleanup(transport.CloseIdleConnections)
	return &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}
}

func TestCertificateFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, blocks ...*pem.Block) string {
		file := filepath.Join(dir, name)
		var text []byte
		for _, block := range blocks {
			text = append(text, pem.EncodeToMemory(block)...)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	pair := func(name string) (cert, key string) {
		made, err := makeCertificate("127.0.0.1:0", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		return write(name+".pem", &pem.Block{Type: "CERTIFICATE", Bytes: made.Certificate[0]}),
			write(name+".key", &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	cert, key := pair("one")
	_, otherKey := pair("other")
	empty := write("empty.pem")

	s := serve(t, Options{TLS: TLS{CertFile: cert, KeyFile: key}})
	c := dial(t, s.URL(), overTLS(t, &tls.Config{InsecureSkipVerify: true}))
	c.send("secret")
	c.expect("secret")

	for _, row := range []struct{ cert, key, why string }{
		{cert, otherKey, "private key does not match public key"},
		{empty, key, "failed to find any PEM data in certificate input"},
		{key, cert, "failed to find certificate PEM data in certificate input, but did find a private key"},
	} {
		_, err := Listen(t.Context(), Options{Addr: "127.0.0.1:0", TLS: TLS{CertFile: row.cert, KeyFile: row.key}})
		refusal, ok := errors.AsType[*Error](err)
		if !ok || refusal.Kind != Certificate || !strings.Contains(err.Error(), row.why) || strings.Contains(err.Error(), "\n") {
			t.Errorf("certificate %s with key %s: %v, want %q", row.cert, row.key, err, row.why)
		}
	}
	_, err := Listen(t.Context(), Options{Addr: "127.0.0.1:0", TLS: TLS{SelfSigned: true, Out: filepath.Join(dir, "no", "ca.pem")}})
	if err == nil || !strings.HasPrefix(err.Error(), "write the certificate: open ") {
		t.Errorf("a certificate that cannot be written: %v", err)
	}
}

func TestCertificateHosts(t *testing.T) {
	for _, row := range []struct{ addr, name string }{
		{"192.0.2.7:1", "192.0.2.7"}, {"dev.example.com:1", "dev.example.com"}, {":1", "localhost"}, {"[::1]:1", "::1"},
	} {
		made, err := makeCertificate(row.addr, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(made.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := leaf.VerifyHostname(row.name); err != nil {
			t.Errorf("listening on %s: %v", row.addr, err)
		}
	}
}
