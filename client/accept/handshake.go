package accept

import (
	"net/http"
	"slices"
	"time"

	"wsx/client"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/upgrade"
)

// acceptHandshake performs the server's side of an opening handshake (RFC 6455, section 4.2). If it returns an error, it has
// refused the request and written the response.
func acceptHandshake(w http.ResponseWriter, r *http.Request, o client.Options, rules Options) (*dial.Conn, error) {
	begun := time.Now()
	accepting := upgrade.Options{Subprotocols: o.Subprotocols, Origins: rules.Origins}
	if rules.Host != nil {
		accepting.Host = rules.Host(r)
	}
	if !o.NoCompress {
		accepting.Deflate = wire.Accept(r.Header.Values("Sec-WebSocket-Extensions"))
	}
	conn, err := upgrade.Accept(w, r, accepting)
	if err != nil {
		return nil, err
	}
	h := handshakeOf(o, r, w.Header(), conn)
	h.Timing.Upgrade = time.Since(begun)
	return &dial.Conn{Stream: conn.Stream, Handshake: h, Deflate: accepting.Deflate}, nil
}

// handshakeOf returns the handshake that was performed with a client.
func handshakeOf(o client.Options, r *http.Request, response http.Header, conn *upgrade.Conn) *dial.Handshake {
	h := &dial.Handshake{
		Accepted: true,
		URL:      "ws://" + r.Host + r.URL.RequestURI(),
		HTTP:     r.Proto, Status: http.StatusSwitchingProtocols,
		Subprotocol: response.Get("Sec-WebSocket-Protocol"), Extensions: response.Get("Sec-WebSocket-Extensions"),
		Request:  append([]string{r.Method + " " + r.RequestURI + " " + r.Proto, "Host: " + r.Host}, sortedLines(r.Header)...),
		Response: append([]string{"HTTP/1.1 101 Switching Protocols"}, sortedLines(response)...),
		Header:   response,
		Local:    conn.LocalAddr().String(), Remote: r.RemoteAddr, TLS: r.TLS,
	}
	if r.TLS != nil {
		h.URL = "wss" + h.URL[len("ws"):]
	}
	if !o.ShowSecrets {
		h.Request = dial.Redact(h.Request)
	}
	return h
}

// sortedLines returns header fields as lines, sorted by name: the order in which they were received is not known.
func sortedLines(header http.Header) []string {
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return lines
}
