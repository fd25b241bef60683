package dial

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wsx/server/servertest"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

func TestTLS(t *testing.T) {
	ca, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
	cert := ca.Issue(false, nil)
	address := startServer(t, behindTLS(&tls.Config{Certificates: []tls.Certificate{cert}}, respondWith(upgradeResponse(""))))
	_, port, _ := net.SplitHostPort(address)
	keys := new(bytes.Buffer)
	for _, c := range []struct {
		name, host string
		o          Options
	}{
		{"authority", "127.0.0.1", Options{CAFiles: []string{ca.File}}},
		{"several authorities", "127.0.0.1", Options{CAFiles: []string{other.File, systemCA, ca.File}}},
		{"insecure", "127.0.0.1", Options{Insecure: true}},
		{"other name", "127.0.0.1", Options{CAFiles: []string{ca.File}, ServerName: "localhost"}},
		{"name in the URL", "a.example", Options{Insecure: true, Resolve: []string{"*:" + port + ":127.0.0.1"}}},
		{"pinned", "127.0.0.1", Options{CAFiles: []string{ca.File}, PinSHA256: []string{pinOf(cert)}}},
		{"pinned, unchecked", "127.0.0.1", Options{Insecure: true, PinSHA256: []string{pinOf(other.Issue(true, nil)), pinOf(cert)}}},
		{"newest version", "127.0.0.1", Options{CAFiles: []string{ca.File}, MinVersion: tls.VersionTLS13}},
		{"keys logged", "127.0.0.1", Options{CAFiles: []string{ca.File}, KeyLog: keys}},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := dialStream(t, "wss://"+c.host+":"+port, c.o)
			state := up.Handshake.TLS
			if state == nil || state.NegotiatedProtocol != "" || len(state.PeerCertificates) == 0 {
				t.Fatalf("TLS: %+v", state)
			}
			if want := map[bool]string{true: "localhost", false: c.host}[c.o.ServerName != ""]; state.ServerName != want && state.ServerName != "" {
				t.Errorf("server name %q, wanted %q", state.ServerName, want)
			}
			if up.Handshake.Timing.TLS <= 0 || !strings.Contains(up.Handshake.Timing.String(), "tls ") {
				t.Errorf("timing: %s", up.Handshake.Timing)
			}
		})
	}
	if !strings.Contains(keys.String(), "CLIENT_TRAFFIC_SECRET_0 ") {
		t.Errorf("logged keys: %q", keys)
	}
}

func TestClientCertificates(t *testing.T) {
	ca := servertest.NewAuthority(t)
	clientCert := ca.Issue(false, func(c *x509.Certificate) { c.Subject.CommonName = "us" })
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	address := startServer(t, behindTLS(config, respondWith(upgradeResponse(""))))

	files := clientFiles(t, ca, clientCert)
	ask := func(context.Context, string) (string, error) { return "open sesame", nil }
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"two files", Options{CertFile: files["cert"], KeyFile: files["key"]}},
		{"one file", Options{CertFile: files["both"]}},
		{"PKCS#8", Options{CertFile: files["cert"], KeyFile: files["pkcs8"], Passphrase: "open sesame"}},
		{"PKCS#8, asked for", Options{CertFile: files["cert"], KeyFile: files["pkcs8"], AskPassphrase: ask}},
		{"legacy", Options{CertFile: files["cert"], KeyFile: files["legacy"], Passphrase: "open sesame"}},
		{"PKCS#12", Options{CertFile: files["p12"], Passphrase: "open sesame"}},
		{"PKCS#12, asked for", Options{CertFile: files["p12"], AskPassphrase: ask}},
		{"PKCS#12 without a passphrase", Options{CertFile: files["open p12"]}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.CAFiles = []string{ca.File}
			dialStream(t, "wss://"+address, c.o)
		})
	}
}

// clientFiles writes a certificate and its key in all formats, with the passphrase "open sesame", and returns the paths.
func clientFiles(t *testing.T, ca *servertest.Authority, cert tls.Certificate) map[string]string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{}
	files["cert"], files["key"] = ca.Save(cert)
	write := func(name string, content []byte) {
		files[name] = filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(files[name], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certPEM, _ := os.ReadFile(files["cert"])
	keyPEM, _ := os.ReadFile(files["key"])
	write("both", append(certPEM, keyPEM...))

	encrypted, err := pkcs8.MarshalPrivateKey(cert.PrivateKey, []byte("open sesame"), nil)
	if err != nil {
		t.Fatal(err)
	}
	write("pkcs8", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: encrypted}))

	plain, _ := pem.Decode(keyPEM)
	//lint:ignore SA1019 keys that were encrypted so must be read
	legacy, err := x509.EncryptPEMBlock(strings.NewReader(strings.Repeat("salt", 100)), "PRIVATE KEY", plain.Bytes, []byte("open sesame"), x509.PEMCipherAES256)
	if err != nil {
		t.Fatal(err)
	}
	write("legacy", pem.EncodeToMemory(legacy))

	for name, phrase := range map[string]string{"p12": "open sesame", "open p12": ""} {
		p12, err := pkcs12.Modern.Encode(cert.PrivateKey, cert.Leaf, []*x509.Certificate{ca.Certificate}, phrase)
		if err != nil {
			t.Fatal(err)
		}
		write(name, p12)
	}
	return files
}

func TestCertificateErrors(t *testing.T) {
	ca := servertest.NewAuthority(t)
	files := clientFiles(t, ca, ca.Issue(false, nil))
	_, otherKey := ca.Save(ca.Issue(false, nil))
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		o       Options
		message string
	}{
		{"no authority in it", Options{CAFiles: []string{empty}}, "the file has no PEM certificate"},
		{"another key", Options{CertFile: files["cert"], KeyFile: otherKey}, "private key does not match"},
		{"no key", Options{CertFile: files["cert"]}, "rather than a key"},
		{"no passphrase", Options{CertFile: files["cert"], KeyFile: files["pkcs8"]}, "no passphrase was given"},
		{"wrong passphrase", Options{CertFile: files["cert"], KeyFile: files["pkcs8"], Passphrase: "x"}, "incorrect password"},
		{"wrong legacy passphrase", Options{CertFile: files["cert"], KeyFile: files["legacy"], Passphrase: "x"}, "wrong passphrase"},
		{"wrong PKCS#12 passphrase", Options{CertFile: files["p12"], Passphrase: "x"}, "wrong passphrase"},
		{"no PKCS#12 passphrase", Options{CertFile: files["p12"]}, "no passphrase was given"},
		{"neither PEM nor PKCS#12", Options{CertFile: empty}, "neither PEM nor PKCS#12"},
	} {
		_, err := New(t.Context(), "wss://127.0.0.1:1", c.o)
		if err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: %v, wanted %q", c.name, err, c.message)
		}
	}
	for _, o := range []Options{{CAFiles: []string{"/nonexistent"}}, {CertFile: "/nonexistent"}, {CertFile: files["cert"], KeyFile: "/nonexistent"}} {
		if _, err := New(t.Context(), "wss://127.0.0.1:1", o); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestWrongLegacyPassphrases tries so many passphrases that some decrypt to valid padding.
func TestWrongLegacyPassphrases(t *testing.T) {
	//lint:ignore SA1019 the old encryption is weak, but keys that have it must be read
	block, err := x509.EncryptPEMBlock(rand.Reader, "PRIVATE KEY", make([]byte, 200), []byte("open sesame"), x509.PEMCipherAES256)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		if _, err := openLegacy(block, fmt.Sprint(i)); !errors.Is(err, errPassphrase) {
			t.Fatalf("passphrase %d: %v", i, err)
		}
	}
}
