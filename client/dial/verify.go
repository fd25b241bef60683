package dial

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"wsx/client/wire"
)

// acceptGUID is appended to the key to prove that the server speaks WebSocket (RFC 6455, 1.3).
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// violation is a 101 response that violates RFC 6455, 4.1.
type violation struct {
	reason   Reason
	sentence string
}

func (v *violation) Error() string { return v.sentence }

// agreement is what a 101 response agreed to.
type agreement struct {
	subprotocol string
	extensions  string
	deflate     *wire.Deflate // nil = not agreed
}

// verify checks a 101 response against what was offered (RFC 6455, 4.1). Its errors are of type *violation.
func verify(header http.Header, key string, o Options) (agreement, error) {
	if !httpguts.HeaderValuesContainsToken(header["Upgrade"], "websocket") {
		return agreement{}, wrongHeader(WrongUpgrade, header, "Upgrade", "websocket")
	}
	if !httpguts.HeaderValuesContainsToken(header["Connection"], "upgrade") {
		return agreement{}, wrongHeader(WrongUpgrade, header, "Connection", "Upgrade")
	}
	if len(header.Values("Sec-WebSocket-Accept")) != 1 || header.Get("Sec-WebSocket-Accept") != accept(key) {
		return agreement{}, wrongHeader(WrongAccept, header, "Sec-WebSocket-Accept", accept(key))
	}
	subprotocol, err := verifySubprotocol(header, o.Subprotocols)
	if err != nil {
		return agreement{}, err
	}
	return verifyExtensions(header, subprotocol, o)
}

func accept(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func wrongHeader(reason Reason, header http.Header, name, wanted string) error {
	got := header.Values(name)
	if len(got) == 0 {
		return &violation{reason, fmt.Sprintf("the 101 response has no header %s", name)}
	}
	return &violation{reason, fmt.Sprintf("the 101 response has %s: %q, not %q", name, strings.Join(got, ", "), wanted)}
}

// verifySubprotocol returns an error unless the server chose one that was offered, once, or none (RFC 6455, 11.3.4).
func verifySubprotocol(header http.Header, offered []string) (string, error) {
	chosen := header.Values("Sec-WebSocket-Protocol")
	if len(chosen) == 0 || len(chosen) == 1 && chosen[0] == "" {
		return "", nil
	}
	if len(chosen) > 1 {
		return "", &violation{WrongSubprotocol, fmt.Sprintf("the server chose %d subprotocols: %q", len(chosen), chosen)}
	}
	if len(offered) == 0 {
		return "", &violation{WrongSubprotocol, fmt.Sprintf("the server chose the subprotocol %q, but none was offered", chosen[0])}
	}
	if !slices.Contains(offered, chosen[0]) {
		return "", &violation{WrongSubprotocol, fmt.Sprintf("the server chose the subprotocol %q, but %q was offered", chosen[0], strings.Join(offered, ", "))}
	}
	return chosen[0], nil
}

// verifyExtensions returns an error unless the server accepted only what was offered (RFC 6455, 9.1).
func verifyExtensions(header http.Header, subprotocol string, o Options) (agreement, error) {
	answers := header.Values("Sec-WebSocket-Extensions")
	agreed := agreement{subprotocol: subprotocol, extensions: strings.Join(answers, ", ")}
	if agreed.extensions != "" && o.NoCompress {
		return agreement{}, &violation{WrongExtension, fmt.Sprintf("the server chose the extension %q, but none was offered", agreed.extensions)}
	}
	var err error
	if agreed.deflate, err = wire.ParseDeflate(answers); err != nil {
		return agreement{}, &violation{WrongExtension, fmt.Sprintf("the server chose the extension %q: %v", agreed.extensions, err)}
	}
	return agreed, nil
}
