package server

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestEcho(t *testing.T) {
	s := serve(t, Options{})
	edges := []int{0, 1, 125, 126, 511, 512, 513, 4096, 65535, 65536, 1 << 20}
	for _, row := range []struct {
		mode  websocket.CompressionMode
		sizes []int
	}{
		{websocket.CompressionDisabled, append(edges, maxWholeEcho, maxWholeEcho+1)},
		{websocket.CompressionContextTakeover, edges},
	} {
		c := dial(t, s.URL(), &websocket.DialOptions{CompressionMode: row.mode})
		for _, size := range row.sizes {
			random := make([]byte, size)
			rand.Read(random)
			c.expectEcho(websocket.MessageBinary, random)
			c.expectEcho(websocket.MessageText, []byte(strings.Repeat("é", size/2)))
		}
	}
}

// expectEcho writes while it reads, or a long message would wait until its own echo is read.
func (c *testClient) expectEcho(typ websocket.MessageType, p []byte) {
	c.t.Helper()
	wrote := make(chan error, 1)
	go func() { wrote <- c.Write(c.ctx, typ, p) }()
	gotType, got, err := c.Read(c.ctx)
	if err != nil {
		c.t.Fatalf("echo of %d bytes: %v", len(p), err)
	}
	if gotType != typ || !bytes.Equal(got, p) {
		c.t.Fatalf("echo of %v %d bytes is %v %d bytes, equal %v", typ, len(p), gotType, len(got), bytes.Equal(got, p))
	}
	if err := <-wrote; err != nil {
		c.t.Fatal(err)
	}
}

func TestEchoInOneFrame(t *testing.T) {
	// A client that writes a message before it reads must not receive fragments of the echo while it writes.
	s := serve(t, Options{})
	c := dial(t, s.URL(), nil)
	p := bytes.Repeat([]byte("x"), maxWholeEcho-1)
	if err := c.Write(c.ctx, websocket.MessageBinary, p); err != nil {
		t.Fatal(err)
	}
	if got := c.receive(); len(got) != len(p) {
		t.Errorf("echo of %d bytes has %d", len(p), len(got))
	}
}

func TestEchoErrors(t *testing.T) {
	s := serve(t, Options{MaxMessage: 10})
	c := dial(t, s.URL(), nil)
	c.send("0123456789")
	c.expect("0123456789")
	c.send("0123456789a")
	c.expectClose(websocket.StatusMessageTooBig)

	c = dial(t, s.URL(), nil)
	c.send("\xff")
	c.expectClose(websocket.StatusInvalidFramePayloadData)
}

func TestEchoFlood(t *testing.T) {
	s := serve(t, Options{})
	c := dial(t, s.URL(), nil)
	const n = 20000
	wrote := make(chan error, 1)
	go func() {
		for range n {
			if err := c.Write(c.ctx, websocket.MessageText, []byte("0123456789abcdef")); err != nil {
				wrote <- err
				return
			}
		}
		wrote <- nil
	}()
	for range n {
		c.expect("0123456789abcdef")
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
}

// TestEchoBackpressure writes until the server reads no more, and then expects every echo.
func TestEchoBackpressure(t *testing.T) {
	t.Parallel()
	const frame, maxWritten = 64 << 10, 256 << 20 // bytes; the server must stop reading before maxWritten
	raw := openRaw(t, serve(t, Options{}))
	head := []byte{0x82, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0} // masked with zeros
	message := append(head, make([]byte, frame)...)
	written := 0
	for ; written < maxWritten; written += len(message) {
		raw.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := raw.Write(message)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			written += n
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if written >= maxWritten {
		t.Fatalf("the server read %d bytes of a client that does not read", written)
	}
	raw.(*net.TCPConn).CloseWrite()
	got, _ := io.Copy(io.Discard, raw)
	if want := int64(written / len(message) * (frame + 10)); got < want {
		t.Errorf("%d bytes of echoes received, want %d", got, want)
	}
}

// TestEchoManyAtOnce sends messages of all short lengths in one write, so that the server's reads split some of them anywhere.
func TestEchoManyAtOnce(t *testing.T) {
	raw := openRaw(t, serve(t, Options{}))
	var sent, want bytes.Buffer
	for i := range 20_000 {
		payload := strings.Repeat(string(rune('a'+i%26)), i%200)
		for _, side := range []struct {
			to   *bytes.Buffer
			mask byte
		}{{&sent, 0x80}, {&want, 0}} {
			if len(payload) < 126 {
				side.to.Write([]byte{0x82, side.mask | byte(len(payload))})
			} else {
				side.to.Write([]byte{0x82, side.mask | 126, 0, byte(len(payload))})
			}
			if side.mask != 0 {
				side.to.Write(make([]byte, 4)) // masked with zeros
			}
			side.to.WriteString(payload)
		}
	}
	go raw.Write(sent.Bytes()) // ended by the end of the connection
	got := make([]byte, want.Len())
	if _, err := io.ReadFull(raw, got); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("the echoes are not what was sent (%v)", err)
	}
}
