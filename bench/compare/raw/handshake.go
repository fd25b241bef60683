package raw

import (
	"bufio"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// Dial opens a connection to a ws or wss URL and upgrades it. No certificate is checked.
// The bytes received after the response are read from the reader first.
func Dial(address string) (net.Conn, *bufio.Reader, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, nil, err
	}
	if u.Scheme == "wss" {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", u.RequestURI(), u.Host)
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil, nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return nil, nil, fmt.Errorf("upgrade %s: %s", address, response.Status)
	}
	return conn, r, nil
}

// Accept reads an upgrade request, and returns it with the reader for the frames. Call Answer next.
func Accept(conn io.Reader) (*http.Request, *bufio.Reader, error) {
	r := bufio.NewReader(conn)
	request, err := http.ReadRequest(r)
	return request, r, err
}

// Answer writes the 101 response to a request, without extensions.
func Answer(w io.Writer, request *http.Request) error {
	sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, err := fmt.Fprintf(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	return err
}
