package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// maskedFrame returns a client's frame, masked with zeros.
func maskedFrame(first byte, payload string) string {
	if len(payload) < 126 {
		return string([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}) + payload
	}
	return string([]byte{first, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload)), 0, 0, 0, 0}) + payload
}

// serverClose returns a server's Close frame.
func serverClose(code int, reason string) string {
	return string([]byte{0x88, byte(2 + len(reason)), byte(code >> 8), byte(code)}) + reason
}

// TestClosingHandshake sends frames and compares all bytes received. In each case the server closes the connection first: the client
// only reads.
func TestClosingHandshake(t *testing.T) {
	s := serve(t, Options{MaxMessage: 100})
	is := func(want string) func(string) bool { return func(got string) bool { return got == want } }
	closes := func(code int) func(string) bool { // whatever the reason
		return func(got string) bool {
			return len(got) >= 4 && got[0] == 0x88 && int(got[1]) == len(got)-2 && got[2:4] == serverClose(code, "")[2:]
		}
	}
	for _, row := range []struct {
		name, sent string
		want       func(received string) bool
	}{
		{"close", maskedFrame(0x88, "\x03\xe8bye"), is(serverClose(1000, "bye"))},
		{"close without a code", maskedFrame(0x88, ""), is("\x88\x00")},
		{"messages before close", maskedFrame(0x81, "a") + maskedFrame(0x82, "b") + maskedFrame(0x88, "\x0f\xa0"), is("\x81\x01a\x82\x01b" + serverClose(4000, ""))},
		{"ping", maskedFrame(0x89, "p") + maskedFrame(0x88, ""), is("\x8a\x01p\x88\x00")},
		{"reason that is not UTF-8", maskedFrame(0x88, "\x03\xe8\xff"), closes(1007)},
		{"half a code", maskedFrame(0x88, "\x03"), closes(1002)},
		{"code 1005", maskedFrame(0x88, "\x03\xed"), closes(1002)},
		{"text that is not UTF-8", maskedFrame(0x81, "\xff"), closes(1007)},
		{"invalid in a fragment", maskedFrame(0x01, "a\xc0"), closes(1007)},
		{"not masked", "\x81\x01a", closes(1002)},
		{"reserved opcode", maskedFrame(0x83, ""), closes(1002)},
		{"reserved bits", maskedFrame(0xf1, ""), closes(1002)},
		{"continuation without a message", maskedFrame(0x80, "a"), closes(1002)},
		{"long ping", maskedFrame(0x89, strings.Repeat("x", 126)), closes(1002)},
		{"too big", maskedFrame(0x81, strings.Repeat("x", 101)), closes(1009)},
	} {
		t.Run(row.name, func(t *testing.T) {
			raw := openRaw(t, s)
			io.WriteString(raw, row.sent)
			got, err := io.ReadAll(raw)
			if !row.want(string(got)) || err != nil {
				t.Errorf("received %q, %v", got, err)
			}
		})
	}
}

// TestCloseAfterUnreadBytes: a client that goes on sending still receives the Close frame.
func TestCloseAfterUnreadBytes(t *testing.T) {
	raw := openRaw(t, serve(t, Options{MaxMessage: 10}))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		message := maskedFrame(0x82, strings.Repeat("x", 10_000))
		for range 100 {
			if _, err := io.WriteString(raw, message); err != nil {
				return
			}
		}
	}()
	got := make([]byte, 4)
	if _, err := io.ReadFull(raw, got); err != nil || got[0] != 0x88 || string(got[2:]) != "\x03\xf1" {
		t.Errorf("received %q, %v; want Close 1009", got, err)
	}
	raw.Close()
	<-sent
}

// TestHandshakeResponses sends opening handshakes that the client's library cannot send.
func TestHandshakeResponses(t *testing.T) {
	s := serve(t, Options{})
	for _, row := range []struct {
		name, lines, status, extensions string
	}{
		{"one origin", "Origin: http://localhost\r\n", "400 Bad Request", ""},
		{"two origins", "Origin: http://localhost\r\nOrigin: http://localhost\r\n", "400 Bad Request", ""},
		{"window bits", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9; client_max_window_bits=10\r\n", "101 Switching Protocols",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10"},
		{"any window", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n", "101 Switching Protocols",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
		{"the second offer", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7, permessage-deflate\r\n", "101 Switching Protocols",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
		{"unknown extension", "Sec-WebSocket-Extensions: x-other\r\n", "101 Switching Protocols", ""},
	} {
		if row.name == "one origin" {
			row.lines, row.status = "Origin: http://"+s.Addr().String()+"\r\n", "101 Switching Protocols"
		}
		raw, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		fmt.Fprintf(raw, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n", s.Addr(), row.lines)
		response, err := http.ReadResponse(bufio.NewReader(raw), nil)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		if response.Status != row.status || response.Header.Get("Sec-WebSocket-Extensions") != row.extensions {
			t.Errorf("%s: %s, extensions %q; want %s, %q", row.name, response.Status, response.Header.Get("Sec-WebSocket-Extensions"), row.status, row.extensions)
		}
	}
}

// TestIdleTimeout: a connection without a request after that for the page is closed.
func TestIdleTimeout(t *testing.T) {
	s := serve(t, Options{idle: 10 * time.Millisecond, HTTP2: true})
	ws := dial(t, s.URL(), nil) // a WebSocket connection is never idle: it outlives one that was opened after it
	raw, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	fmt.Fprintf(raw, "HEAD / HTTP/1.1\r\nHost: %s\r\n\r\n", s.Addr())
	if got, err := io.ReadAll(raw); err != nil || !bytes.HasPrefix(got, []byte("HTTP/1.1 200 ")) {
		t.Errorf("received %q, %v", got, err)
	}
	ws.send("here")
	ws.expect("here")
}

// TestSlowConnections: one client is served while 5,000 have sent half a request or frame.
func TestSlowConnections(t *testing.T) {
	const clients = 5000
	const maxHeap = clients * 48 << 10 // bytes
	s := serve(t, Options{HTTP2: true})
	before := liveHeap()
	for i := range clients {
		raw, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Skipf("this machine has no %d connections: %v", clients, err)
		}
		defer raw.Close()
		switch i % 4 {
		case 0:
			io.WriteString(raw, "GET / HTTP/1.1\r\nHost: a\r\nX: ")
		case 1:
			io.WriteString(raw, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nx")
		case 2:
			io.WriteString(raw, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x40\x00\x00")
		case 3:
			io.WriteString(raw, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\x82\xff\x00\x00\x00\x00")
		}
	}
	c := dial(t, s.URL(), nil)
	c.send("still served")
	c.expect("still served")
	if grown := liveHeap() - before; grown > maxHeap {
		t.Errorf("%d connections hold %d bytes", clients, grown)
	}
}

// liveHeap returns how many bytes of the heap are in use.
func liveHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestStalledMembersMemory: clients that do not read take no more memory than the backlog of their hub, which they share, and the
// buffers of their connections.
func TestStalledMembersMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills the memory of many clients")
	}
	const silent, maxHeap = 20, 16 << 20 // clients that do not read; bytes
	for _, behaviour := range []string{"chat", "broadcast"} {
		t.Run(behaviour, func(t *testing.T) {
			s := serve(t, Options{Behaviour: behaviour, NoCompress: true})
			for range silent {
				raw := openRaw(t, s)
				defer raw.Close()
			}
			reader := dial(t, s.URL(), nil)
			sender := dial(t, s.URL(), nil)
			go func() { // ended by the end of the connection
				for {
					if _, _, err := sender.Read(sender.ctx); err != nil {
						return
					}
				}
			}()
			before := liveHeap()
			text := strings.Repeat("x", 64<<10)
			for range 5 {
				for range 60 {
					sender.send(text)
					for len(reader.receive()) < len(text) {
					}
				}
				if grown := liveHeap() - before; grown > maxHeap {
					t.Fatalf("%d bytes are held", grown)
				}
			}
		})
	}
}
