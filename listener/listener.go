// Package listener binds the addresses of a server: TCP ports and unix sockets.
package listener

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"wsx/errno"
)

// unixPrefix begins an address that is the path of a socket.
const unixPrefix = "unix:"

// AddressError is an address that cannot be parsed.
type AddressError struct{ Address string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("listen on %q: give PORT, HOST:PORT or unix:PATH", e.Address)
}

// Parse returns the network and address for HOST:PORT, PORT of 127.0.0.1, or unix:PATH. An empty host means every interface. It
// does not look up the host. The error is an *AddressError.
func Parse(addr string) (network, address string, err error) {
	if path, ok := strings.CutPrefix(addr, unixPrefix); ok {
		if path == "" {
			return "", "", &AddressError{addr}
		}
		return "unix", path, nil
	}
	address = addr
	if !strings.Contains(addr, ":") {
		address = "127.0.0.1:" + addr
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", "", &AddressError{addr}
	}
	return "tcp", address, nil
}

// Listen binds an address that Parse accepts; port 0 picks a free one.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	network, address, err := Parse(addr)
	if err != nil {
		return nil, err
	}
	if network == "tcp" {
		return new(net.ListenConfig).Listen(ctx, network, address)
	}
	l, err := bindUnix(ctx, address)
	if err == nil {
		// Every user of the machine may connect, as to a port: a proxy runs as another user. The folder's permissions can prevent it.
		os.Chmod(address, 0o666) // if it fails, the user of the server can still connect
	}
	return l, err
}

// bindUnix binds a unix socket. It replaces the socket of a program that was killed.
func bindUnix(ctx context.Context, path string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if !errors.Is(err, errno.AddressInUse) {
		return l, err
	}
	if info, statErr := os.Lstat(path); statErr != nil || info.Mode().Type() != os.ModeSocket {
		return nil, err
	}
	conn, dialErr := new(net.Dialer).DialContext(ctx, "unix", path)
	if dialErr == nil {
		conn.Close()
		return nil, err
	}
	if !errors.Is(dialErr, errno.Refused) || os.Remove(path) != nil {
		return nil, err
	}
	return new(net.ListenConfig).Listen(ctx, "unix", path)
}

// URL returns the URL at which clients reach a listener, such as "ws://127.0.0.1:8080/"; a wildcard address becomes localhost,
// a unix socket "ws+unix:/path:/". With secure, the scheme is wss.
func URL(address net.Addr, secure bool) string {
	scheme := "ws"
	if secure {
		scheme = "wss"
	}
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		path := address.String()
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		return scheme + "+unix:" + path + ":/"
	}
	if tcp.IP.IsUnspecified() {
		return scheme + "://" + net.JoinHostPort("localhost", strconv.Itoa(tcp.Port)) + "/"
	}
	return scheme + "://" + tcp.String() + "/"
}
