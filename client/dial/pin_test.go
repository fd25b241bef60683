package dial

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"testing"
)

// pinOf returns the pin of a certificate's key.
func pinOf(cert tls.Certificate) string {
	return pin(sha256.Sum256(cert.Leaf.RawSubjectPublicKeyInfo)).String()
}

func TestParsePins(t *testing.T) {
	sum := sha256.Sum256(nil)
	base, hexed := base64.StdEncoding.EncodeToString(sum[:]), hex.EncodeToString(sum[:])
	for _, values := range [][]string{{base}, {"sha256//" + base}, {hexed}, {base + ";sha256//" + hexed}} {
		pins, err := parsePins(values)
		if err != nil || len(pins) == 0 || pins[0] != pin(sum) {
			t.Errorf("%q: %v, %v", values, pins, err)
		}
	}
	for _, value := range []string{"", "x", base[:20], "sha1//" + base, base + ";"} {
		if _, err := parsePins([]string{value}); err == nil {
			t.Errorf("%q is a pin", value)
		}
	}
}
