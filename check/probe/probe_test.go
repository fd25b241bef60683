package probe

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"

	"wsx/client/wire"
)

func TestFrameBytes(t *testing.T) {
	for _, row := range []struct {
		name string
		f    Frame
		want string
	}{
		{"text", Text("Hi").WithMask(0, 0, 0, 0), "\x81\x82\x00\x00\x00\x00Hi"},
		{"masked", Text("Hi").WithMask(1, 2, 3, 4), "\x81\x82\x01\x02\x03\x04Ik"},
		{"unmasked", Ping("Hi").WithoutMask(), "\x89\x02Hi"},
		{"fragment", Binary("").Begin().WithoutMask(), "\x02\x00"},
		{"reserved bits", Continuation("").WithRSV(5).WithoutMask(), "\xd0\x00"},
		{"16 bits", Text("Hi").In(In16Bits).WithoutMask(), "\x81\x7e\x00\x02Hi"},
		{"64 bits", Text("Hi").In(In64Bits).WithoutMask(), "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x02Hi"},
		{"claim", Text("Hi").Claiming(5).WithoutMask(), "\x81\x05Hi"},
		{"close", Close(1000, "x").WithoutMask(), "\x88\x03\x03\xe8x"},
		{"empty close", Close(wire.CodeNone, "").WithoutMask(), "\x88\x00"},
	} {
		if got := string(row.f.appendTo(nil, row.f.key())); got != row.want {
			t.Errorf("%s: %x, want %x", row.name, got, row.want)
		}
	}
}

// TestNext reads frames that no server may send.
func TestNext(t *testing.T) {
	ours, theirs := net.Pipe()
	c := NewConn(ours)
	defer c.Close()
	go func() { // ended by closing the pipe
		theirs.Write([]byte("\xf3\x7e\x00\x02Hi\x81\x81\x01\x00\x00\x00\x01"))
		theirs.Close()
	}()
	first, err := c.Next(context.Background())
	if err != nil || first.RSV != 7 || first.Opcode != 3 || first.Minimal || string(first.Payload) != "Hi" {
		t.Errorf("%+v, %v", first, err)
	}
	second, err := c.Next(context.Background())
	if err != nil || !second.Masked || string(second.Payload) != "\x00" {
		t.Errorf("%+v, %v", second, err)
	}
	if _, err := c.Next(context.Background()); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if len(c.Log()) != 2 {
		t.Errorf("the log has %d frames", len(c.Log()))
	}
}

// FuzzParseFrame checks that a parsed frame lies within the input, and that the input is not changed.
func FuzzParseFrame(f *testing.F) {
	f.Add([]byte("\x81\x02Hi\x89\x00"))
	f.Add([]byte("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		frame, n := ParseFrame(b)
		if n > len(b) || n > 0 && uint64(len(frame.Payload)) != frame.Length || !bytes.Equal(b, before) {
			t.Errorf("%x: %d bytes, %+v", b, n, frame)
		}
	})
}

func TestRequest(t *testing.T) {
	r := Request{Lines: []string{"GET / HTTP/1.1", "Host: a", "Upgrade: websocket"}}
	r.Set("upgrade: other")
	r.Add("X: 1")
	r.Add("X: 2")
	r.Without("Host")
	if got, want := string(r.Bytes()), "GET / HTTP/1.1\r\nupgrade: other\r\nX: 1\r\nX: 2\r\n\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Set("X:")
	if r.Get("x") != "" || r.Get("Upgrade") != "other" || len(r.Lines) != 3 {
		t.Errorf("%q", r.Lines)
	}
	if got := AcceptFor("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("accept %s", got)
	}
}
