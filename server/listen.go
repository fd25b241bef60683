package server

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// listenTries bounds how often a port is picked that turns out to be in use for UDP.
const listenTries = 10

// unixPrefix begins an address that is the path of a socket.
const unixPrefix = "unix:"

// parseAddr returns the network and the address that Options.Addr names. Whether there is such a host, listening finds out.
func parseAddr(addr string) (network, address string, err error) {
	if path, ok := strings.CutPrefix(addr, unixPrefix); ok {
		if path == "" {
			return "", "", usageError("listen on " + strconv.Quote(addr) + ": the path is missing")
		}
		return "unix", path, nil
	}
	if !strings.Contains(addr, ":") {
		address = "127.0.0.1:" + addr
	} else {
		address = addr
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", "", usageError("listen on " + strconv.Quote(addr) + ": give PORT, HOST:PORT or unix:PATH")
	}
	return "tcp", address, nil
}

// listen binds the address, and for HTTP/3 the UDP port of the same number; socket is nil without.
func (o Options) listen(ctx context.Context) (listener net.Listener, socket net.PacketConn, err error) {
	network, address, err := parseAddr(o.Addr)
	if err != nil {
		return nil, nil, err
	}
	if network == "unix" {
		listener, err = listenUnix(ctx, address)
		return listener, nil, err
	}
	for range listenTries {
		if listener, err = new(net.ListenConfig).Listen(ctx, network, address); err != nil || !o.HTTP3 {
			return listener, nil, err
		}
		if socket, err = new(net.ListenConfig).ListenPacket(ctx, "udp", listener.Addr().String()); err == nil {
			return listener, socket, nil
		}
		listener.Close()
		if !errors.Is(err, syscall.EADDRINUSE) || !strings.HasSuffix(address, ":0") {
			break
		}
	}
	return nil, nil, err
}

// listenUnix binds a socket of the file system, to which every user of the machine may connect, as to a port: a proxy runs as
// another user. The folder can keep them out. A socket that a killed program has left behind is replaced.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	listener, err := bindUnix(ctx, path)
	if err == nil {
		os.Chmod(path, 0o666) // where it fails, the user of the server can still connect
	}
	return listener, err
}

func bindUnix(ctx context.Context, path string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return listener, err
	}
	if info, statErr := os.Lstat(path); statErr != nil || info.Mode().Type() != os.ModeSocket {
		return nil, err
	}
	conn, dialErr := new(net.Dialer).DialContext(ctx, "unix", path)
	if dialErr == nil {
		conn.Close()
		return nil, err
	}
	if !errors.Is(dialErr, syscall.ECONNREFUSED) || os.Remove(path) != nil {
		return nil, err
	}
	return new(net.ListenConfig).Listen(ctx, "unix", path)
}
