package repl

import (
	"crypto/tls"
	"fmt"
	"strings"

	"wsx/client"
)

// describe puts a handshake into lines of a name and a value. The values are the server's: they are shown quoted by
// the display like everything that comes from it.
func describe(h *client.Handshake) string {
	var text strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&text, "%-12s %s\n", name, value)
		}
	}
	row("url", h.URL)
	row("http", fmt.Sprintf("%s %d", h.HTTP, h.Status))
	row("subprotocol", h.Subprotocol)
	row("extensions", h.Extensions)
	row("proxy", h.Proxy)
	row("local", h.Local)
	row("remote", h.Remote)
	if h.TLS != nil {
		row("tls", tls.VersionName(h.TLS.Version)+", "+tls.CipherSuiteName(h.TLS.CipherSuite))
	}
	row("server", h.Header.Get("Server"))
	return strings.TrimSuffix(text.String(), "\n")
}
