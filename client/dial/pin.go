package dial

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// pin is the SHA-256 of a public key, as specified by RFC 7469, 2.4.
type pin [sha256.Size]byte

// parsePins reads pins in base64 or hex, with or without "sha256//", several joined by ";". Its errors are of type *UsageError.
func parsePins(values []string) ([]pin, error) {
	var pins []pin
	for _, value := range values {
		for one := range strings.SplitSeq(value, ";") {
			p, ok := parsePin(strings.TrimPrefix(one, "sha256//"))
			if !ok {
				return nil, &UsageError{Message: fmt.Sprintf("pin %q is not a SHA-256 in base64 or hex", one)}
			}
			pins = append(pins, p)
		}
	}
	return pins, nil
}

func parsePin(s string) (pin, bool) {
	if sum, err := hex.DecodeString(s); err == nil && len(sum) == sha256.Size {
		return pin(sum), true
	}
	sum, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(sum) != sha256.Size {
		return pin{}, false
	}
	return pin(sum), true
}

func (p pin) String() string { return "sha256//" + base64.StdEncoding.EncodeToString(p[:]) }

// pinError is a server key that is not pinned.
type pinError struct{ got pin }

func (e *pinError) Error() string {
	return fmt.Sprintf("the server's key is %s, which is not pinned", e.got)
}

// checkPins returns an error if the server's key is not among pins. Without pins it accepts any key.
func checkPins(pins []pin, state tls.ConnectionState) error {
	if len(pins) == 0 {
		return nil
	}
	got := pin(sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo))
	if !slices.Contains(pins, got) {
		return &pinError{got}
	}
	return nil
}
