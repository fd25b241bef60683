package http2

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"wsx/test/http2peer"
)

func TestMain(m *testing.M) {
	flag.Set("test.parallel", "16") // many tests wait for a timeout
	goleak.VerifyTestMain(m)
}

// await receives from a channel, and fails the test if that takes too long.
func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(60 * time.Second):
		t.Fatal("nothing in 60 s")
		panic("unreachable")
	}
}

// openStream opens a stream to a test server. The connection is closed with the stream, or at the end of the test.
func openStream(t *testing.T, serve func(*http2peer.Peer), settings ...http2.Setting) *Stream {
	t.Helper()
	clientEnd, serverEnd := socketPair(t)
	served := make(chan struct{})
	go func() {
		defer close(served)
		defer serverEnd.Close()
		p := http2peer.Accept(serverEnd, append(settings, http2peer.ExtendedConnect)...)
		if p == nil {
			return
		}
		serve(p)
	}()
	c := NewClient(clientEnd)
	t.Cleanup(func() {
		c.Close()
		serverEnd.Close()
		<-served
	})
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := c.Open([]hpack.HeaderField{{Name: ":method", Value: "CONNECT"}, {Name: ":protocol", Value: "websocket"},
		{Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"}, {Name: ":authority", Value: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	s.OwnConn()
	if _, err := s.Response(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// socketPair returns both ends of a TCP connection: unlike those of a pipe, they have buffers and can be reset.
func socketPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// TestStreamEnd: Read returns how a stream has ended, after all data received before.
func TestStreamEnd(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(p *http2peer.Peer, id uint32)
		want string
	}{
		{"end of stream", func(p *http2peer.Peer, id uint32) { p.WriteData(id, true, nil) }, "EOF"},
		{"trailers", func(p *http2peer.Peer, id uint32) { p.Respond(id, true, "x: y") }, "EOF"},
		{"reset", func(p *http2peer.Peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeCancel) }, "the server reset the stream: CANCEL"},
		{"disconnected", func(p *http2peer.Peer, _ uint32) { p.Conn.Close() }, "EOF"},
		{"half a frame", func(p *http2peer.Peer, _ uint32) {
			p.Conn.Write([]byte{0, 0, 9, 0})
			p.Conn.Close()
		}, "unexpected EOF"},
		{"GOAWAY, then disconnected", func(p *http2peer.Peer, id uint32) {
			p.WriteGoAway(id, http2.ErrCodeNo, nil)
			p.Conn.Close()
		}, "EOF"},
		{"GOAWAY with a reason, then disconnected", func(p *http2peer.Peer, id uint32) {
			p.WriteGoAway(id, http2.ErrCodeEnhanceYourCalm, []byte("too many pings"))
			p.Conn.Close()
		}, `the server sent GOAWAY: ENHANCE_YOUR_CALM: "too many pings"`},
		{"GOAWAY before the stream was processed", func(p *http2peer.Peer, _ uint32) { p.WriteGoAway(0, http2.ErrCodeNo, nil) }, "the server sent GOAWAY: NO_ERROR"},
		{"response twice", func(p *http2peer.Peer, id uint32) { p.Respond(id, false, ":status: 200") }, "the server violates HTTP/2: PROTOCOL_ERROR"},
		{"stream never opened", func(p *http2peer.Peer, id uint32) { p.WriteData(id+2, false, nil) }, "the server violates HTTP/2: PROTOCOL_ERROR"},
		{"window too large", func(p *http2peer.Peer, _ uint32) { p.WriteWindowUpdate(0, 1<<31-1) }, "the server violates HTTP/2: FLOW_CONTROL_ERROR"},
		{"stream's window too large", func(p *http2peer.Peer, id uint32) { p.WriteWindowUpdate(id, 1<<31-1) }, "the server violates HTTP/2: FLOW_CONTROL_ERROR"},
		{"invalid setting", func(p *http2peer.Peer, _ uint32) {
			p.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1})
		}, "the server violates HTTP/2: PROTOCOL_ERROR"},
		{"frame too long", func(p *http2peer.Peer, id uint32) { p.WriteData(id, false, make([]byte, clientFrame+1)) }, "the server violates HTTP/2: a frame is too long"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := openStream(t, func(p *http2peer.Peer) {
				id := p.AcceptStream()
				p.WriteData(id, false, []byte("before"))
				row.end(p, id)
				p.Drain()
			})
			received, err := io.ReadAll(s)
			if err == nil {
				err = io.EOF
			}
			if !bytes.HasPrefix(received, []byte("before")) || err.Error() != row.want {
				t.Errorf("received %d bytes, then %q, want %q", len(received), err, row.want)
			}
		})
	}
}

// TestGoAwayKeepsStreams: a stream that the server has processed goes on after GOAWAY.
func TestGoAwayKeepsStreams(t *testing.T) {
	s := openStream(t, func(p *http2peer.Peer) {
		id := p.AcceptStream()
		p.WriteGoAway(id, http2.ErrCodeNo, nil)
		f, _ := http2peer.ReadUntil[*http2.DataFrame](p, nil)
		p.WriteData(id, true, f.Data())
		p.Drain()
	})
	io.WriteString(s, "hello")
	if received, err := io.ReadAll(s); string(received) != "hello" || err != nil {
		t.Errorf("received %q, %v", received, err)
	}
	if _, err := s.conn.Open(nil); err == nil || err.Error() != "the server sent GOAWAY: NO_ERROR" {
		t.Errorf("another stream: %v", err)
	}
}

// TestSlowReader: WINDOW_UPDATE is sent when the data was read, and not before.
func TestSlowReader(t *testing.T) {
	filled, increments := make(chan struct{}), make(chan uint32, 8)
	s := openStream(t, func(p *http2peer.Peer) {
		id := p.AcceptStream()
		for range clientWindow / (16 << 10) {
			p.WriteData(id, false, make([]byte, 16<<10))
		}
		p.WritePing(false, [8]byte{1})
		http2peer.ReadUntil(p, func(f *http2.PingFrame) bool { return f.IsAck() }) // all data was received, and no WINDOW_UPDATE sent before
		close(filled)
		for {
			f, ok := http2peer.ReadUntil(p, func(f *http2.WindowUpdateFrame) bool { return f.StreamID == id })
			if !ok {
				return
			}
			increments <- f.Increment
		}
	})
	await(t, filled)
	if len(increments) > 0 {
		t.Fatalf("WINDOW_UPDATE before anything was read: %d", <-increments)
	}
	if _, err := io.CopyN(io.Discard, s, clientWindow); err != nil {
		t.Fatal(err)
	}
	if first, second := await(t, increments), await(t, increments); first+second != clientWindow {
		t.Errorf("WINDOW_UPDATE of %d and %d, want %d in all", first, second, clientWindow)
	}
}

// TestOverrun: the connection to a server that exceeds the window is closed.
func TestOverrun(t *testing.T) {
	s := openStream(t, func(p *http2peer.Peer) {
		id := p.AcceptStream()
		for range clientWindow/(16<<10) + 1 {
			p.WriteData(id, false, make([]byte, 16<<10))
		}
		p.Drain()
	}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	if _, err := s.Write([]byte("x")); err == nil || err.Error() != "the server violates HTTP/2: FLOW_CONTROL_ERROR" {
		t.Errorf("ended with %v", err)
	}
}

// TestWindows: a client sends as much as the server's windows allow, in frames of the maximum size that the server allows.
func TestWindows(t *testing.T) {
	received := make(chan string, 1)
	s := openStream(t, func(p *http2peer.Peer) {
		id := p.AcceptStream()
		var all bytes.Buffer
		lengths := ""
		next := func(n int) {
			for n > 0 {
				f, ok := http2peer.ReadUntil[*http2.DataFrame](p, nil)
				if !ok {
					break
				}
				all.Write(f.Data())
				lengths += fmt.Sprint(" ", len(f.Data()))
				n -= len(f.Data())
			}
		}
		next(10)
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 4}) // the window was 10, of which 10 are used: now it is -6
		p.WriteWindowUpdate(id, 9)
		next(3)
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		next(40000 - 13)
		http2peer.ReadUntil(p, func(f *http2.DataFrame) bool { return f.StreamEnded() })
		received <- fmt.Sprint(all.Len(), lengths)
	}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
	if n, err := s.Write(make([]byte, 40000)); n != 40000 || err != nil {
		t.Errorf("write: %d, %v", n, err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Errorf("close write: %v", err)
	}
	if _, err := s.Write([]byte("x")); err == nil {
		t.Error("a write after CloseWrite succeeded")
	}
	if got, want := await(t, received), "40000 10 3 16384 16384 7219"; got != want {
		t.Errorf("received %q, want %q", got, want)
	}
}

// TestAcknowledgements: PING and SETTINGS frames are acknowledged.
func TestAcknowledgements(t *testing.T) {
	answered := make(chan [8]byte, 1)
	s := openStream(t, func(p *http2peer.Peer) {
		p.AcceptStream()
		p.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 0})
		if _, ok := http2peer.ReadUntil(p, func(f *http2.SettingsFrame) bool { return f.IsAck() }); !ok {
			return
		}
		p.WritePing(false, [8]byte{7})
		if f, ok := http2peer.ReadUntil(p, func(f *http2.PingFrame) bool { return f.IsAck() }); ok {
			answered <- f.Data
		}
		p.Drain()
	})
	if got := await(t, answered); got != [8]byte{7} {
		t.Errorf("ping answered with %v", got)
	}
	s.Close()
}

// TestClose: Close ends a blocked Read and Write, and resets the stream and sends GOAWAY.
func TestClose(t *testing.T) {
	seen := make(chan string, 1)
	s := openStream(t, func(p *http2peer.Peer) {
		p.AcceptStream()
		f, ok := http2peer.ReadUntil[*http2.RSTStreamFrame](p, nil)
		g, hasGoAway := http2peer.ReadUntil[*http2.GoAwayFrame](p, nil)
		seen <- fmt.Sprint(ok && f.ErrCode == http2.ErrCodeCancel, hasGoAway && g.ErrCode == http2.ErrCodeNo)
	}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	ends := make(chan error, 2)
	go func() {
		_, err := s.Read(make([]byte, 1))
		ends <- err
	}()
	go func() {
		_, err := s.Write([]byte("x"))
		ends <- err
	}()
	s.Close()
	for range 2 {
		if err := await(t, ends); !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
	if got := await(t, seen); got != "true true" {
		t.Errorf("RST_STREAM CANCEL, GOAWAY NO_ERROR: %s", got)
	}
}

// TestCloseOfStalledConn: Close ends a Write that is blocked by the connection.
func TestCloseOfStalledConn(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	s := openStream(t, func(p *http2peer.Peer) {
		id := p.AcceptStream()
		p.WriteWindowUpdate(0, 1<<30)
		p.WriteWindowUpdate(id, 1<<30)
		<-done
	})
	ends := make(chan error, 1)
	started := make(chan struct{}, 1)
	go func() { // ends when the stream is closed
		block := make([]byte, 1<<20)
		for {
			if _, err := s.Write(block); err != nil {
				ends <- err
				return
			}
			select {
			case started <- struct{}{}:
			default:
			}
		}
	}()
	await(t, started)
	s.Close()
	if err := await(t, ends); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ended with %v", err)
	}
}

// TestPingFlood: the connection to a server that sends PINGs and does not read the answers is closed, in bounded memory.
func TestPingFlood(t *testing.T) {
	s := openStream(t, func(p *http2peer.Peer) {
		p.AcceptStream()
		pings := bytes.Repeat([]byte("\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678"), 1000)
		for _, err := p.Conn.Write(pings); err == nil; _, err = p.Conn.Write(pings) {
		}
	})
	var flood *FloodError
	if _, err := io.Copy(io.Discard, s); !errors.As(err, &flood) {
		t.Errorf("ended with %v", err)
	}
}

// FuzzClient sends arbitrary bytes from a server to a client.
func FuzzClient(f *testing.F) {
	const settings = "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x01"
	for _, seed := range []string{
		"", "HTTP/1.1 400 Bad Request\r\n\r\n", settings,
		settings + "\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88" + "\x00\x00\x02\x00\x01\x00\x00\x00\x01hi", // 200, DATA
		settings + "\x00\x00\x01\x01\x05\x00\x00\x00\x01\x8d",                                            // 404
		settings + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08",                                // RST_STREAM
		settings + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",                // GOAWAY
		settings + "\x00\x00\x04\x08\x00\x00\x00\x00\x01\x7f\xff\xff\xff",                                // WINDOW_UPDATE
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		clientEnd, serverEnd := net.Pipe()
		var server sync.WaitGroup
		server.Go(func() { io.Copy(io.Discard, serverEnd) })
		server.Go(func() {
			serverEnd.Write(sent)
			serverEnd.Close()
		})
		conn := NewClient(clientEnd)
		if conn.Ready(t.Context()) == nil {
			if s, err := conn.Open(nil); err == nil {
				s.Response(t.Context())
				io.Copy(io.Discard, s)
				s.Close()
			}
		}
		conn.Close()
		server.Wait()
	})
}
