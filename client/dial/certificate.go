package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// systemCA is the name among Options.CAFiles that stands for the roots of the system.
const systemCA = "system"

// errPassphrase is a wrong passphrase.
var errPassphrase = errors.New("wrong passphrase")

// roots returns the certificates to trust; nil means the system's.
func (o Options) roots(ctx context.Context) (*x509.CertPool, error) {
	if len(o.CAFiles) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if slices.Contains(o.CAFiles, systemCA) {
		var err error
		if pool, err = x509.SystemCertPool(); err != nil {
			return nil, fmt.Errorf("load the system's CA certificates: %w", err)
		}
	}
	for _, name := range o.CAFiles {
		if name == systemCA {
			continue
		}
		text, err := readFile(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("read CA certificates: %w", err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("read CA certificates %q: the file has no PEM certificate", name)
		}
	}
	return pool, nil
}

// readFile is os.ReadFile bounded by ctx: to open a FIFO waits for its other end.
func readFile(ctx context.Context, name string) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() { // ended when the file is read
		text, err := os.ReadFile(name)
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Certificate returns the client certificate; nil if none was given.
func (o Options) Certificate(ctx context.Context) (*tls.Certificate, error) {
	if o.CertFile == "" {
		return nil, nil
	}
	cert, err := readFile(ctx, o.CertFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	if block, _ := pem.Decode(cert); block == nil {
		if !isPKCS12(cert) {
			return nil, fmt.Errorf("open certificate %q: neither PEM nor PKCS#12", o.CertFile)
		}
		return o.openPKCS12(ctx, cert)
	}
	name, key := o.CertFile, cert
	if o.KeyFile != "" {
		name = o.KeyFile
		if key, err = readFile(ctx, name); err != nil {
			return nil, fmt.Errorf("read key of certificate: %w", err)
		}
	}
	key, err = o.openKey(ctx, name, key)
	if err != nil {
		return nil, fmt.Errorf("open key %q: %w", name, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("open certificate %q with key %q: %w", o.CertFile, name, err)
	}
	return &pair, nil
}

// isPKCS12 reports whether a file can be PKCS#12 (RFC 7292, section 4): a BER sequence whose length does not fit in one byte.
func isPKCS12(file []byte) bool { return len(file) > 1 && file[0] == 0x30 && file[1] >= 0x80 }

// openPKCS12 opens a file that holds both the certificate and its key (RFC 7292). Many have an empty passphrase.
func (o Options) openPKCS12(ctx context.Context, file []byte) (*tls.Certificate, error) {
	key, leaf, chain, err := pkcs12.DecodeChain(file, o.Passphrase)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) && o.Passphrase == "" {
		phrase, failed := o.passphrase(ctx, o.CertFile)
		if failed != nil {
			return nil, fmt.Errorf("open certificate %q: %w", o.CertFile, failed)
		}
		key, leaf, chain, err = pkcs12.DecodeChain(file, phrase)
	}
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		err = errPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("open certificate %q as PKCS#12: %w", o.CertFile, err)
	}
	pair := &tls.Certificate{PrivateKey: key, Certificate: [][]byte{leaf.Raw}, Leaf: leaf}
	for _, above := range chain {
		pair.Certificate = append(pair.Certificate, above.Raw)
	}
	return pair, nil
}

// openKey returns PEM with the first encrypted key in text decrypted, or text itself if no key is encrypted.
func (o Options) openKey(ctx context.Context, name string, text []byte) ([]byte, error) {
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return text, nil
		}
		//lint:ignore SA1019 the old encryption is weak, but keys that have it must be read
		legacy := x509.IsEncryptedPEMBlock(block)
		if !legacy && block.Type != "ENCRYPTED PRIVATE KEY" {
			continue
		}
		phrase, err := o.passphrase(ctx, name)
		if err != nil {
			return nil, err
		}
		if legacy {
			return openLegacy(block, phrase)
		}
		return openPKCS8(block, phrase)
	}
}

// passphrase returns Options.Passphrase, or the result of Options.AskPassphrase.
func (o Options) passphrase(ctx context.Context, file string) (string, error) {
	if o.Passphrase != "" {
		return o.Passphrase, nil
	}
	if o.AskPassphrase == nil {
		return "", errors.New("it is encrypted, and no passphrase was given")
	}
	return o.AskPassphrase(ctx, fmt.Sprintf("Passphrase of %s: ", file))
}

// openLegacy decrypts keys in the format that OpenSSL wrote before PKCS#8 (RFC 1423).
func openLegacy(block *pem.Block, phrase string) ([]byte, error) {
	//lint:ignore SA1019 the old encryption is weak, but keys that have it must be read
	der, err := x509.DecryptPEMBlock(block, []byte(phrase))
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, errPassphrase
	}
	if err != nil {
		return nil, err
	}
	// One wrong passphrase in 256 yields valid padding; the result is not ASN.1 then.
	var key asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &key); err != nil || len(rest) > 0 || key.Tag != asn1.TagSequence {
		return nil, errPassphrase
	}
	return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
}

// openPKCS8 decrypts a PKCS#8 key (RFC 5958, 3).
func openPKCS8(block *pem.Block, phrase string) ([]byte, error) {
	key, err := pkcs8.ParsePKCS8PrivateKey(block.Bytes, []byte(phrase))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "pkcs8: "))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
