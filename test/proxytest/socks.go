package proxytest

import (
	"io"
	"net"
	"slices"
	"strconv"
)

// SOCKS is a SOCKS 5 proxy (RFC 1928).
type SOCKS struct {
	// Login is the USER:PASS that the proxy requires (RFC 1929); "" = no login.
	Login string
	// Connect connects to the HOST:PORT of a request. If the connection is nil, the client gets the reply, a code of RFC 1928 §6.
	Connect func(address string) (server net.Conn, reply byte)
}

const (
	version         = 5
	loginVersion    = 1
	noLogin         = 0
	userAndPassword = 2
	noneAcceptable  = 0xff
	addressIPv4     = 1
	addressName     = 3
	addressIPv6     = 4
	generalFailure  = 1
)

// To returns a Connect that connects to one server, whatever address is requested.
func To(server string) func(address string) (net.Conn, byte) {
	return func(string) (net.Conn, byte) {
		conn, err := net.Dial("tcp", server)
		if err != nil {
			return nil, generalFailure
		}
		return conn, 0
	}
}

// ServeAll serves the clients of a listener until it is closed.
func (p SOCKS) ServeAll(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		go p.Serve(client)
	}
}

// Serve serves a client until the client or its server ends the connection.
func (p SOCKS) Serve(client net.Conn) {
	defer client.Close()
	if !p.authenticate(client) {
		return
	}
	server, reply := p.Connect(readAddress(client))
	if server != nil {
		defer server.Close()
		reply = 0
	}
	client.Write([]byte{version, reply, 0, addressIPv4, 0, 0, 0, 0, 0, 0})
	if server != nil {
		join(client, server)
	}
}

// authenticate negotiates the authentication of a client, and reports whether it succeeded.
func (p SOCKS) authenticate(client net.Conn) bool {
	head := make([]byte, 2)
	io.ReadFull(client, head)
	methods := make([]byte, head[1])
	io.ReadFull(client, methods)
	method := byte(noLogin)
	if p.Login != "" {
		method = userAndPassword
	}
	if !slices.Contains(methods, method) {
		client.Write([]byte{version, noneAcceptable})
		return false
	}
	client.Write([]byte{version, method})
	if method == noLogin {
		return true
	}
	io.ReadFull(client, head[:1])
	user, password := readText(client), readText(client)
	if user+":"+password != p.Login {
		client.Write([]byte{loginVersion, 1})
		return false
	}
	client.Write([]byte{loginVersion, 0})
	return true
}

// readAddress reads a request, and returns its HOST:PORT.
func readAddress(client net.Conn) string {
	head := make([]byte, 4)
	io.ReadFull(client, head)
	host := ""
	switch head[3] {
	case addressIPv4:
		host = readIP(client, net.IPv4len)
	case addressIPv6:
		host = readIP(client, net.IPv6len)
	case addressName:
		host = readText(client)
	}
	io.ReadFull(client, head[:2])
	return net.JoinHostPort(host, strconv.Itoa(int(head[0])<<8|int(head[1])))
}

func readIP(client net.Conn, length int) string {
	ip := make(net.IP, length)
	io.ReadFull(client, ip)
	return ip.String()
}

// readText reads a length of one byte, and a text of that length.
func readText(client net.Conn) string {
	length := make([]byte, 1)
	io.ReadFull(client, length)
	text := make([]byte, length[0])
	io.ReadFull(client, text)
	return string(text)
}
