// Package proxytest has proxies for tests.
package proxytest

import (
	"io"
	"net"
)

// Relay connects a client with the server at an address, and copies in both directions until the server has ended.
func Relay(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	join(client, server)
}

// join copies in both directions until the server has ended.
func join(client, server net.Conn) {
	go func() { // ended when both connections are closed
		io.Copy(server, client)
		if c, ok := server.(interface{ CloseWrite() error }); ok {
			c.CloseWrite()
		}
	}()
	io.Copy(client, server)
}
