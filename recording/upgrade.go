package recording

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// upgradeRequest returns the request that opened a session, and its key. A request over HTTP/2, or one that was not recorded, is replaced
// by a request of HTTP/1.1.
func upgradeRequest(e *Event) (request []byte, key string) {
	lines := slices.Clone(e.Request)
	if len(lines) == 0 || strings.HasPrefix(lines[0], ":") {
		lines = syntheticRequest(e)
	}
	for _, line := range lines[1:] {
		if name, value := cutHeader(line); strings.EqualFold(name, "Sec-WebSocket-Key") {
			key = value
		}
	}
	if key == "" {
		key = base64.StdEncoding.EncodeToString([]byte("not recorded key")) // 16 bytes (RFC 6455, section 4.1)
		lines = append(lines, "Sec-WebSocket-Key: "+key)
	}
	return header(lines), key
}

// syntheticRequest returns the lines of an opening handshake over HTTP/1.1 (RFC 6455, section 4.1) without its key.
func syntheticRequest(e *Event) []string {
	host, path := "unknown.invalid", "/"
	if u, err := url.Parse(e.URL); err == nil {
		host, path = u.Host, u.RequestURI()
	}
	lines := []string{
		fmt.Sprintf("GET %s HTTP/1.1", path), "Host: " + host,
		"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
	}
	for _, line := range headerLines(e.Request) {
		if name, _ := cutHeader(line); name != "" && name[0] != ':' && !strings.EqualFold(name, "Sec-WebSocket-Version") {
			lines = append(lines, line)
		}
	}
	return lines
}

// replacedHeaders returns the response headers that depend on the request, or that must not be in a response without a body.
func replacedHeaders() []string {
	return []string{"upgrade", "connection", "sec-websocket-accept", "content-length", "transfer-encoding"}
}

// upgradeResponse returns the response to a request with this key.
func upgradeResponse(e *Event, key string) []byte {
	lines := []string{
		"HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Accept: " + accept(key),
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		if slices.Contains(replacedHeaders(), strings.ToLower(name)) {
			continue
		}
		for _, value := range e.Headers[name] {
			lines = append(lines, name+": "+value)
		}
	}
	return header(lines)
}

// accept returns the Sec-WebSocket-Accept of a key (RFC 6455, section 4.2.2).
func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// header returns an HTTP header with these lines. A line end inside a line becomes a space.
func header(lines []string) []byte {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(strings.NewReplacer("\r", " ", "\n", " ").Replace(line) + "\r\n")
	}
	return []byte(text.String() + "\r\n")
}
