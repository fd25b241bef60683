package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
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

// says reads a request and answers with the text, with "\n" for each end of line, and with the accept of the request's key
// for "{accept}".
func answers(text string) func(net.Conn) {
	return func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		text := strings.ReplaceAll(text, "{accept}", accept(request.Header.Get("Sec-WebSocket-Key")))
		header, body, _ := strings.Cut(text, "\n\n")
		io.WriteString(conn, strings.ReplaceAll(header, "\n", "\r\n")+"\r\n\r\n"+body)
		if request.Method == http.MethodConnect || strings.Contains(header, " 101 ") {
			io.Copy(io.Discard, conn)
		}
	}
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

// dialFails dials and wants a *DialError.
func dialFails(t *testing.T, url string, o Options) *DialError {
	t.Helper()
	up, err := connect(t.Context(), url, o)
	if err == nil {
		up.stream.Close()
	}
	var failed *DialError
	if !errors.As(err, &failed) {
		t.Fatalf("dial %s: %v", url, err)
	}
	return failed
}

// dials dials and wants an upgraded stream.
func dials(t *testing.T, url string, o Options) *upgraded {
	t.Helper()
	up, err := connect(t.Context(), url, o)
	if err != nil {
		t.Fatalf("dial %s: %v", url, err)
	}
	t.Cleanup(func() { up.stream.Close() })
	return up
}

// soon is a timeout for what hangs. It is waited out whole.
const soon = 100 * time.Millisecond
