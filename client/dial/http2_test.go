package dial

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"wsx/server/servertest"

	"golang.org/x/net/http2"
)

func TestExplainedHTTP2(t *testing.T) {
	const refused = "upgrade ws://{address}/x: "
	fails := func(serve func(p *http2Peer, id uint32)) func(net.Conn) {
		return speaksHTTP2(func(p *http2Peer) {
			serve(p, p.asked())
			p.rest()
		}, extendedConnect)
	}
	for _, c := range []unexplained{
		{name: "without the setting", serve: speaksHTTP2((*http2Peer).rest),
			says: refused + "the server speaks HTTP/2, but not WebSocket over it (RFC 8441)", hint: "--http1.1"},
		{name: "HTTP/1.1", serve: sends("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request"),
			says: refused + "the server answers in HTTP/1.1, not in HTTP/2", hint: "--http1.1"},
		{name: "TLS", serve: sends("\x15\x03\x01\x00\x02\x02\x46"),
			says: refused + "the server answers in TLS", hint: "try wss://{address}/x"},
		{name: "garbage", serve: sends("220 mail ready\r\n"),
			says: refused + `the answer is not HTTP: "220 mail ready\r\n"`, hint: "is port {port} right"},
		{name: "hang up", serve: hangsUp,
			says: refused + "the server closed the connection without an answer", hint: "--http1.1"},
		{name: "silence", serve: hangs, o: Options{ConnectTimeout: moment}, kind: ConnectFailed,
			says: refused + "no answer within 100ms", hint: "says nothing"},
		{name: "silence after the settings", serve: fails(func(*http2Peer, uint32) {}), o: Options{ConnectTimeout: moment}, kind: ConnectFailed,
			says: refused + "no answer within 100ms", hint: "says nothing"},
		{name: "hang up after the request", serve: speaksHTTP2(func(p *http2Peer) { p.asked() }, extendedConnect),
			says: refused + "the server closed the connection without an answer", hint: "--http1.1"},
		{name: "forbidden", serve: fails(func(p *http2Peer, id uint32) {
			p.answers(id, false, ":status: 403", "server: x", "x: y")
			p.WriteData(id, true, []byte("no"))
		}), says: refused + "403 Forbidden", hint: "-o http://{address}"},
		{name: "endless body", serve: fails(func(p *http2Peer, id uint32) {
			p.answers(id, false, ":status: 404")
			p.WriteData(id, false, make([]byte, 16<<10))
		}), says: refused + "404 Not Found", hint: "the path /x"},
		{name: "not for CONNECT", serve: fails(func(p *http2Peer, id uint32) { p.answers(id, true, ":status: 405") }),
			says: refused + "405 Method Not Allowed", hint: "does not take CONNECT"},
		{name: "redirect", serve: fails(func(p *http2Peer, id uint32) { p.answers(id, true, ":status: 302", "location: /y") }),
			says: refused + "302 Found", hint: "-L follows it to /y"},
		{name: "reset", serve: fails(func(p *http2Peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeRefusedStream) }),
			says: refused + "the server reset the stream: REFUSED_STREAM", hint: "try again"},
		{name: "go away", serve: fails(func(p *http2Peer, _ uint32) { p.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, []byte("calm\x1b")) }),
			says: refused + `the server sent us away: ENHANCE_YOUR_CALM: "calm\x1b"`, hint: "try again"},
		{name: "no streams", serve: speaksHTTP2((*http2Peer).rest, extendedConnect, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0}),
			says: refused + "the server allows no more streams on this connection", hint: "try again"},
		{name: "another subprotocol", serve: fails(func(p *http2Peer, id uint32) { p.answers(id, false, ":status: 200", "sec-websocket-protocol: b") }),
			says: refused + `the server chose the subprotocol "b", and none was offered`, hint: "-s NAME"},
		{name: "another extension", serve: fails(func(p *http2Peer, id uint32) { p.answers(id, false, ":status: 200", "sec-websocket-extensions: x") }),
			says: refused + `the server chose the extension "x": extension "x" was not offered`, hint: "--no-compress"},
		{name: "no status", serve: fails(func(p *http2Peer, id uint32) { p.answers(id, false, ":status: ok") }),
			says: refused + "the server does not keep to HTTP/2: PROTOCOL_ERROR", hint: "try again"},
		{name: "wrong header name", serve: fails(func(p *http2Peer, id uint32) { p.answers(id, false, ":status: 200", "Upper: x") }),
			says: refused + `the server does not keep to HTTP/2: invalid header field name "Upper"`, hint: "try again"},
		{name: "push", serve: fails(func(p *http2Peer, id uint32) {
			p.WritePushPromise(http2.PushPromiseParam{StreamID: id, PromiseID: 2, BlockFragment: []byte{0x88}, EndHeaders: true})
		}), says: refused + "the server does not keep to HTTP/2: PROTOCOL_ERROR", hint: "try again"},
		{name: "data before the response", serve: fails(func(p *http2Peer, id uint32) { p.WriteData(id, false, []byte("x")) }),
			says: refused + "the server does not keep to HTTP/2: PROTOCOL_ERROR", hint: "try again"},
		{name: "long header", serve: fails(func(p *http2Peer, id uint32) { // each further line is one byte (RFC 7541, 6.1)
			p.answers(id, false, append([]string{":status: 200"}, slices.Repeat([]string{"x: " + strings.Repeat("y", 1000)}, 300)...)...)
		}), says: refused + "the header of the response is longer than 256 KiB"},
	} {
		c.o.HTTP, c.step = HTTP2, UpgradeStep
		c.run(t)
	}
}

func TestHTTP2OverTLSThatDoesNotNegotiateIt(t *testing.T) {
	ca := servertest.NewAuthority(t)
	certificates := []tls.Certificate{ca.Issue(false, nil)}
	for _, protocols := range [][]string{nil, {"http/1.1"}} {
		config := &tls.Config{Certificates: certificates, NextProtos: protocols}
		unexplained{
			name: fmt.Sprint(protocols), serve: behindTLS(config, hangs), url: "wss://{address}/x",
			o: Options{HTTP: HTTP2, CAFiles: []string{ca.File}}, step: UpgradeStep,
			says: "upgrade wss://{address}/x: the server does not speak HTTP/2", hint: "--http1.1",
		}.run(t)
	}
}

// TestHTTP2Ends are the ways in which a stream ends, as Read tells them after all that came before.
func TestHTTP2Ends(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(p *http2Peer, id uint32)
		says string
	}{
		{"end of stream", func(p *http2Peer, id uint32) { p.WriteData(id, true, nil) }, "EOF"},
		{"trailers", func(p *http2Peer, id uint32) { p.answers(id, true, "x: y") }, "EOF"},
		{"reset", func(p *http2Peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeCancel) }, "the server reset the stream: CANCEL"},
		{"hang up", func(p *http2Peer, _ uint32) { p.conn.Close() }, "EOF"},
		{"half a frame", func(p *http2Peer, _ uint32) {
			p.conn.Write([]byte{0, 0, 9, 0})
			p.conn.Close()
		}, "unexpected EOF"},
		{"go away, then hang up", func(p *http2Peer, id uint32) {
			p.WriteGoAway(id, http2.ErrCodeNo, nil)
			p.conn.Close()
		}, "EOF"},
		{"go away for a reason, then hang up", func(p *http2Peer, id uint32) {
			p.WriteGoAway(id, http2.ErrCodeEnhanceYourCalm, []byte("too many pings"))
			p.conn.Close()
		}, `the server sent us away: ENHANCE_YOUR_CALM: "too many pings"`},
		{"go away without having looked", func(p *http2Peer, _ uint32) { p.WriteGoAway(0, http2.ErrCodeNo, nil) }, "the server sent us away: NO_ERROR"},
		{"response twice", func(p *http2Peer, id uint32) { p.answers(id, false, ":status: 200") }, "the server does not keep to HTTP/2: PROTOCOL_ERROR"},
		{"stream never opened", func(p *http2Peer, id uint32) { p.WriteData(id+2, false, nil) }, "the server does not keep to HTTP/2: PROTOCOL_ERROR"},
		{"window too large", func(p *http2Peer, _ uint32) { p.WriteWindowUpdate(0, 1<<31-1) }, "the server does not keep to HTTP/2: FLOW_CONTROL_ERROR"},
		{"stream's window too large", func(p *http2Peer, id uint32) { p.WriteWindowUpdate(id, 1<<31-1) }, "the server does not keep to HTTP/2: FLOW_CONTROL_ERROR"},
		{"wrong setting", func(p *http2Peer, _ uint32) {
			p.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1})
		}, "the server does not keep to HTTP/2: PROTOCOL_ERROR"},
		{"frame too long", func(p *http2Peer, id uint32) { p.WriteData(id, false, make([]byte, http2Frame+1)) }, "the server does not keep to HTTP/2: a frame is too long"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := opened(t, func(p *http2Peer) {
				id := p.opens()
				p.WriteData(id, false, []byte("before"))
				row.end(p, id)
				p.rest()
			})
			heard, err := io.ReadAll(s)
			if err == nil {
				err = io.EOF
			}
			if !bytes.HasPrefix(heard, []byte("before")) || err.Error() != row.says {
				t.Errorf("heard %d bytes, then %q, wanted %q", len(heard), err, row.says)
			}
		})
	}
}

// TestHTTP2Loss: a stream that ends inside a message is a loss, whatever ends it.
func TestHTTP2Loss(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(p *http2Peer, id uint32)
		says string
	}{
		{"end of stream", func(p *http2Peer, id uint32) { p.WriteData(id, true, nil) }, "unexpected EOF"},
		{"hang up", func(p *http2Peer, _ uint32) { p.conn.Close() }, "unexpected EOF"},
		{"reset", func(p *http2Peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeInternal) }, "the server reset the stream: INTERNAL_ERROR"},
	} {
		t.Run(row.name, func(t *testing.T) {
			address := stranger(t, speaksHTTP2(func(p *http2Peer) {
				id := p.opens()
				p.WriteData(id, false, []byte("\x81\x05hel"))
				row.end(p, id)
				p.rest()
			}, extendedConnect))
			wantsLoss(t, dials(t, "ws://"+address, Options{HTTP: HTTP2}), row.says)
		})
	}
}

// TestHTTP2Redirect: it is followed, on another connection, and takes its cookie along.
func TestHTTP2Redirect(t *testing.T) {
	asked := make(chan string, 2)
	address := stranger(t, speaksHTTP2(func(p *http2Peer) {
		f, ok := until[*http2.MetaHeadersFrame](p, nil)
		if !ok {
			return
		}
		cookie := ""
		for _, field := range f.RegularFields() {
			if field.Name == "cookie" {
				cookie = field.Value
			}
		}
		asked <- f.PseudoValue("path") + " " + cookie
		if f.PseudoValue("path") == "/from" {
			p.answers(f.StreamID, true, ":status: 307", "location: /to", "set-cookie: a=b; Path=/")
		} else {
			p.answers(f.StreamID, false, ":status: 200")
		}
		p.rest()
	}, extendedConnect))
	up := dials(t, "ws://"+address+"/from", Options{HTTP: HTTP2, FollowRedirects: true})
	if first, second := soon(t, asked), soon(t, asked); first != "/from " || second != "/to a=b" {
		t.Errorf("asked for %q, then %q", first, second)
	}
	if up.Handshake.URL != "ws://"+address+"/to" {
		t.Errorf("arrived at %s", up.Handshake.URL)
	}
}

// TestHTTP2GoAwayLeavesStreamsAlone: a stream that the server has looked at goes on after GOAWAY.
func TestHTTP2GoAwayLeavesStreamsAlone(t *testing.T) {
	s := opened(t, func(p *http2Peer) {
		id := p.opens()
		p.WriteGoAway(id, http2.ErrCodeNo, nil)
		f, _ := until[*http2.DataFrame](p, nil)
		p.WriteData(id, true, f.Data())
		p.rest()
	})
	io.WriteString(s, "hello")
	if heard, err := io.ReadAll(s); string(heard) != "hello" || err != nil {
		t.Errorf("heard %q, %v", heard, err)
	}
	if _, err := s.conn.open(nil); err == nil || err.Error() != "the server sent us away: NO_ERROR" {
		t.Errorf("another stream: %v", err)
	}
}

// TestHTTP2SlowReader: the window is given back when what came was read, and not before.
func TestHTTP2SlowReader(t *testing.T) {
	full, more := make(chan struct{}), make(chan uint32, 8)
	s := opened(t, func(p *http2Peer) {
		id := p.opens()
		for range http2Window / (16 << 10) {
			p.WriteData(id, false, make([]byte, 16<<10))
		}
		p.WritePing(false, [8]byte{1})
		until(p, func(f *http2.PingFrame) bool { return f.IsAck() }) // it has taken all, and given nothing back before
		close(full)
		for {
			f, ok := until(p, func(f *http2.WindowUpdateFrame) bool { return f.StreamID == id })
			if !ok {
				return
			}
			more <- f.Increment
		}
	})
	soon(t, full)
	if len(more) > 0 {
		t.Fatalf("given back before anything was read: %d", <-more)
	}
	if _, err := io.CopyN(io.Discard, s, http2Window); err != nil {
		t.Fatal(err)
	}
	if first, second := soon(t, more), soon(t, more); first+second != http2Window {
		t.Errorf("given back: %d and %d, of %d", first, second, http2Window)
	}
}

// TestHTTP2Overrun: a server that sends more than it may is left.
func TestHTTP2Overrun(t *testing.T) {
	s := opened(t, func(p *http2Peer) {
		id := p.opens()
		for range http2Window/(16<<10) + 1 {
			p.WriteData(id, false, make([]byte, 16<<10))
		}
		p.rest()
	}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	if _, err := s.Write([]byte("x")); err == nil || err.Error() != "the server does not keep to HTTP/2: FLOW_CONTROL_ERROR" {
		t.Errorf("ended with %v", err)
	}
}

// TestHTTP2Windows: we send as much as the server lets us, in frames as long as it allows, and no more.
func TestHTTP2Windows(t *testing.T) {
	heard := make(chan string, 1)
	s := opened(t, func(p *http2Peer) {
		id := p.opens()
		var all bytes.Buffer
		lengths := ""
		take := func(n int) {
			for n > 0 {
				f, ok := until[*http2.DataFrame](p, nil)
				if !ok {
					break
				}
				all.Write(f.Data())
				lengths += fmt.Sprint(" ", len(f.Data()))
				n -= len(f.Data())
			}
		}
		take(10)
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 4}) // it had 10, of which it has used 10: -6
		p.WriteWindowUpdate(id, 9)
		take(3)
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		take(40000 - 13)
		until(p, func(f *http2.DataFrame) bool { return f.StreamEnded() })
		heard <- fmt.Sprint(all.Len(), lengths)
	}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
	if n, err := s.Write(make([]byte, 40000)); n != 40000 || err != nil {
		t.Errorf("write: %d, %v", n, err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Errorf("close write: %v", err)
	}
	if _, err := s.Write([]byte("x")); err == nil {
		t.Error("written after the end")
	}
	if got, want := soon(t, heard), "40000 10 3 16384 16384 7219"; got != want {
		t.Errorf("heard %q, wanted %q", got, want)
	}
}

func TestHTTP2AnswersPingsAndSettings(t *testing.T) {
	answered := make(chan [8]byte, 1)
	s := opened(t, func(p *http2Peer) {
		p.opens()
		p.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 0})
		if _, ok := until(p, func(f *http2.SettingsFrame) bool { return f.IsAck() }); !ok {
			return
		}
		p.WritePing(false, [8]byte{7})
		if f, ok := until(p, func(f *http2.PingFrame) bool { return f.IsAck() }); ok {
			answered <- f.Data
		}
		p.rest()
	})
	if got := soon(t, answered); got != [8]byte{7} {
		t.Errorf("ping answered with %v", got)
	}
	s.Close()
}

// TestHTTP2Close: Close ends a Read and a Write that wait, and says so to the server.
func TestHTTP2Close(t *testing.T) {
	told := make(chan string, 1)
	s := opened(t, func(p *http2Peer) {
		p.opens()
		f, ok := until[*http2.RSTStreamFrame](p, nil)
		g, gone := until[*http2.GoAwayFrame](p, nil)
		told <- fmt.Sprint(ok && f.ErrCode == http2.ErrCodeCancel, gone && g.ErrCode == http2.ErrCodeNo)
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
		if err := soon(t, ends); !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
	if got := soon(t, told); got != "true true" {
		t.Errorf("RST_STREAM CANCEL, GOAWAY NO_ERROR: %s", got)
	}
}

// TestHTTP2CloseWhileTheServerDoesNotRead: a Write that waits for the connection ends as well.
func TestHTTP2CloseWhileTheServerDoesNotRead(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	s := opened(t, func(p *http2Peer) {
		id := p.opens()
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
	soon(t, started)
	s.Close()
	if err := soon(t, ends); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ended with %v", err)
	}
}

// TestHTTP2PingFlood: a server that wants answers and does not read them is left, in bounded memory.
func TestHTTP2PingFlood(t *testing.T) {
	s := opened(t, func(p *http2Peer) {
		p.opens()
		pings := bytes.Repeat([]byte("\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678"), 1000)
		for _, err := p.conn.Write(pings); err == nil; _, err = p.conn.Write(pings) {
		}
	})
	if _, err := io.Copy(io.Discard, s); !errors.Is(err, errHTTP2Flood) {
		t.Errorf("ended with %v", err)
	}
}

func TestHTTP2CancelledDial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := stranger(t, speaksHTTP2(func(p *http2Peer) {
		p.asked()
		cancel()
		p.rest()
	}, extendedConnect))
	if _, err := connect(ctx, "ws://"+address, Options{HTTP: HTTP2}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// TestHTTP2OutlivesItsDial: the context of a dial ends with the dial, and the stream does not.
func TestHTTP2OutlivesItsDial(t *testing.T) {
	address := stranger(t, speaksHTTP2(func(p *http2Peer) {
		id := p.opens()
		f, _ := until[*http2.DataFrame](p, nil)
		p.WriteData(id, true, f.Data())
		p.rest()
	}, extendedConnect))
	ctx, cancel := context.WithCancel(t.Context())
	up, err := connect(ctx, "ws://"+address, Options{HTTP: HTTP2})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stream.Close()
	cancel()
	io.WriteString(up.Stream, "hello")
	if heard, err := io.ReadAll(up.Stream); string(heard) != "hello" || err != nil {
		t.Errorf("heard %q, %v", heard, err)
	}
}

// TestHTTP2LongRequest: fields that do not fit a frame are continued.
func TestHTTP2LongRequest(t *testing.T) {
	long := strings.Repeat("x", 50000)
	got := make(chan string, 1)
	address := stranger(t, speaksHTTP2(func(p *http2Peer) {
		f, _ := until[*http2.MetaHeadersFrame](p, nil)
		for _, field := range f.RegularFields() {
			if field.Name == "long" {
				got <- field.Value
			}
		}
		p.answers(f.StreamID, false, ":status: 100")
		p.answers(f.StreamID, false, ":status: 200")
		p.rest()
	}, extendedConnect))
	up := dials(t, "ws://"+address, Options{HTTP: HTTP2, Header: []HeaderLine{{Name: "Long", Value: long}}})
	if soon(t, got) != long {
		t.Error("the header did not arrive")
	}
	if up.Handshake.Status != 200 {
		t.Errorf("status %d", up.Handshake.Status)
	}
}

// TestSharedConn has many streams on one connection.
func TestSharedConn(t *testing.T) {
	const streams, bytesEach = 100, 300_000
	address := stranger(t, echoesHTTP2)
	c, err := NewSharedConn(t.Context(), "ws://"+address, Options{Subprotocols: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var talking sync.WaitGroup
	for i := range streams {
		talking.Go(func() {
			up, err := c.Dial(t.Context())
			if err != nil {
				t.Errorf("stream %d: %v", i, err)
				return
			}
			defer up.Stream.Close()
			said := bytes.Repeat([]byte{byte(i)}, bytesEach)
			talking.Go(func() {
				up.Stream.Write(said)
				up.Stream.(*http2Stream).CloseWrite()
			})
			if heard, err := io.ReadAll(up.Stream); !bytes.Equal(heard, said) || err != nil {
				t.Errorf("stream %d: %d bytes, %v", i, len(heard), err)
			}
		})
	}
	talking.Wait()
	if _, err := c.Dial(t.Context()); err != nil {
		t.Errorf("after all have ended: %v", err)
	}
	c.Close()
	if _, err := c.Dial(t.Context()); err == nil {
		t.Error("opened on a closed connection")
	}
}

// FuzzHTTP2 has a server say anything.
func FuzzHTTP2(f *testing.F) {
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
	f.Fuzz(func(t *testing.T, said []byte) {
		ours, theirs := net.Pipe()
		var server sync.WaitGroup
		server.Go(func() { io.Copy(io.Discard, theirs) })
		server.Go(func() {
			theirs.Write(said)
			theirs.Close()
		})
		conn := newHTTP2Conn(ours)
		if conn.ready(t.Context()) == nil {
			if s, err := conn.open(nil); err == nil {
				s.response(t.Context())
				io.Copy(io.Discard, s)
				s.Close()
			}
		}
		conn.Close()
		server.Wait()
	})
}

// echoesHTTP2 says back what it hears on each stream, within the windows it was given.
func echoesHTTP2(conn net.Conn) {
	p := newHTTP2Peer(conn)
	if p == nil {
		return
	}
	p.WriteSettings(extendedConnect)
	p.WriteWindowUpdate(0, 1<<30)
	for {
		frame, err := p.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			p.answers(f.StreamID, false, ":status: 200")
		case *http2.DataFrame:
			p.WriteData(f.StreamID, f.StreamEnded(), f.Data())
			if len(f.Data()) > 0 {
				p.WriteWindowUpdate(f.StreamID, uint32(len(f.Data())))
			}
		}
	}
}
