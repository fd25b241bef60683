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

// stranger is a server for one test: it does to each connection what serve says, in a goroutine of its own. All end with
// the test.
func stranger(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	strangerOn(t, listener, serve)
	return listener.Addr().String()
}

func strangerOn(t *testing.T, listener net.Listener, serve func(net.Conn)) {
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

// answers reads a request and says the text, with "\n" for each end of line of the header, and with the accept of the
// request's key for "{accept}". After an upgrade it listens on.
func answers(text string) func(net.Conn) {
	header, body, _ := strings.Cut(text, "\n\n")
	text = strings.ReplaceAll(header, "\n", "\r\n") + "\r\n\r\n" + body
	return func(conn net.Conn) {
		respond(conn, text)
		if strings.Contains(header, " 101 ") {
			io.Copy(io.Discard, conn)
		}
	}
}

// respond reads the header of a request, says the text with its accept, and returns the lines that it read.
func respond(conn net.Conn, text string) []string {
	var head []byte
	one := make([]byte, 1) // not a byte of what follows
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if _, err := io.ReadFull(conn, one); err != nil {
			return nil
		}
		head = append(head, one[0])
	}
	lines := headerLines(head)
	io.WriteString(conn, strings.ReplaceAll(text, "{accept}", accept(keyIn(lines))))
	return lines
}

// keyIn is the Sec-WebSocket-Key that was sent.
func keyIn(lines []string) string {
	for _, line := range lines {
		if name, key, _ := strings.Cut(line, ": "); strings.EqualFold(name, "Sec-WebSocket-Key") {
			return key
		}
	}
	return ""
}

// sends says the bytes at once, without reading.
func sends(text string) func(net.Conn) {
	return func(conn net.Conn) {
		io.WriteString(conn, text)
		io.Copy(io.Discard, conn)
	}
}

// hangs never says a word.
func hangs(conn net.Conn) { io.Copy(io.Discard, conn) }

// hangsUp closes when it has read something.
func hangsUp(conn net.Conn) { conn.Read(make([]byte, 4096)) }

// upgrades is what a server that agrees to all says, with more header lines, each ended by "\n".
func upgrades(lines string) string {
	return "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: {accept}\n" + lines + "\n"
}

// dialFails dials and wants a *Error.
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

// dials dials and wants an upgraded stream.
func dials(t *testing.T, url string, o Options) *Conn {
	t.Helper()
	up, err := connect(t.Context(), url, o)
	if err != nil {
		t.Fatalf("dial %s: %v", url, err)
	}
	t.Cleanup(func() { up.Stream.Close() })
	return up
}

// moment is a timeout for what hangs. It is waited out whole.
const moment = 100 * time.Millisecond

// connect makes a dialer and dials once.
func connect(ctx context.Context, url string, o Options) (*Conn, error) {
	d, err := New(url, o)
	if err != nil {
		return nil, err
	}
	return d.Dial(ctx)
}
