package dial

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// startServer starts a TCP server that calls serve for each connection, in a goroutine of its own. All end with the test.
func startServer(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, serve)
	return listener.Addr().String()
}

func serveOn(t *testing.T, listener net.Listener, serve func(net.Conn)) {
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		listener.Close()
		running.Wait()
	})
}

// respondWith reads a request and writes text, with "\n" for each end of line of the header and the accept value of the
// request's key for "{accept}". After an upgrade it keeps reading.
func respondWith(text string) func(net.Conn) {
	header, body, _ := strings.Cut(text, "\n\n")
	text = strings.ReplaceAll(header, "\n", "\r\n") + "\r\n\r\n" + body
	return func(conn net.Conn) {
		respond(conn, text)
		if strings.Contains(header, " 101 ") {
			io.Copy(io.Discard, conn)
		}
	}
}

// respond reads the header of a request, writes text with its accept value, and returns the lines that it read.
func respond(conn net.Conn, text string) []string {
	var head []byte
	next := make([]byte, 1) // so that no byte after the header is read
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if _, err := io.ReadFull(conn, next); err != nil {
			return nil
		}
		head = append(head, next[0])
	}
	lines := headerLines(head)
	io.WriteString(conn, strings.ReplaceAll(text, "{accept}", accept(requestKey(lines))))
	return lines
}

// requestKey returns the Sec-WebSocket-Key of a request.
func requestKey(lines []string) string {
	for _, line := range lines {
		if name, key, _ := strings.Cut(line, ": "); strings.EqualFold(name, "Sec-WebSocket-Key") {
			return key
		}
	}
	return ""
}

// sendAtOnce writes text without reading a request.
func sendAtOnce(text string) func(net.Conn) {
	return func(conn net.Conn) {
		io.WriteString(conn, text)
		io.Copy(io.Discard, conn)
	}
}

// neverRespond reads and never writes.
func neverRespond(conn net.Conn) { io.Copy(io.Discard, conn) }

// readAndClose closes the connection after its first read.
func readAndClose(conn net.Conn) { conn.Read(make([]byte, 4096)) }

// upgradeResponse returns a 101 response with further header lines, each ended by "\n".
func upgradeResponse(lines string) string {
	return "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: {accept}\n" + lines + "\n"
}

// dialFails dials, and fails the test unless that returns an *Error.
func dialFails(t *testing.T, url string, o Options) *Error {
	t.Helper()
	up, err := connect(t.Context(), url, o)
	if err == nil {
		up.Stream.Close()
	}
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("dial %s: %v", url, err)
	}
	return failed
}

// dialStream dials, and fails the test unless that returns an upgraded stream.
func dialStream(t *testing.T, url string, o Options) *Conn {
	t.Helper()
	up, err := connect(t.Context(), url, o)
	if err != nil {
		t.Fatalf("dial %s: %v", url, err)
	}
	t.Cleanup(func() { up.Stream.Close() })
	return up
}

// shortTimeout is for dials that time out: tests wait for all of it.
const shortTimeout = 100 * time.Millisecond

// connect dials once, with a dialer of its own.
func connect(ctx context.Context, url string, o Options) (*Conn, error) {
	d, err := New(ctx, url, o)
	if err != nil {
		return nil, err
	}
	return d.Dial(ctx)
}
