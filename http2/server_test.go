package http2

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// serving is a server on one end of a connection, and the client's end.
type serving struct {
	*Conn
	client net.Conn
	done   chan error // receives the result of Serve
}

func serveHTTP2(t testing.TB, o ServerOptions, handle func(*Stream)) *serving {
	t.Helper()
	client, server := socketPair(t)
	return serveOn(t, client, server, o, handle)
}

// serveInMemory serves on a pipe, for use in a synctest bubble.
func serveInMemory(t *testing.T, o ServerOptions, handle func(*Stream)) *serving {
	client, server := net.Pipe()
	return serveOn(t, client, server, o, handle)
}

func serveOn(t testing.TB, client, server net.Conn, o ServerOptions, handle func(*Stream)) *serving {
	s := &serving{NewServer(server, bufio.NewReader(server), o), client, make(chan error, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.done <- s.Serve(handle)
	}()
	t.Cleanup(func() {
		client.Close()
		<-ended
	})
	return s
}

// echo sends back the bytes of a stream.
func echo(s *Stream) {
	s.Respond(http.StatusOK, nil)
	io.Copy(s, s)
}

var echoRequest = []hpack.HeaderField{{Name: ":method", Value: "CONNECT"}, {Name: ":protocol", Value: "websocket"},
	{Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"}, {Name: ":authority", Value: "x"}}

// TestBothRoles: a client and a server of this package exchange more than the windows hold, on many streams.
func TestBothRoles(t *testing.T) {
	const streams, size = 50, 3 << 20
	s := serveHTTP2(t, ServerOptions{}, echo)
	c := NewClient(s.client)
	defer c.Close()
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for i := range streams {
		running.Go(func() {
			stream, err := c.Open(echoRequest)
			if err != nil {
				t.Error(err)
				return
			}
			defer stream.Close()
			if _, err := stream.Response(t.Context()); err != nil {
				t.Error(err)
				return
			}
			sent := bytes.Repeat([]byte{byte(i)}, size)
			running.Go(func() {
				stream.Write(sent)
				stream.CloseWrite()
			})
			if got, err := io.ReadAll(stream); !bytes.Equal(got, sent) || err != nil {
				t.Errorf("stream %d: %d bytes, %v", i, len(got), err)
			}
		})
	}
	running.Wait()
	s.Retire()
	if err := await(t, s.done); err != nil {
		t.Errorf("serve: %v", err)
	}
}

// TestRequest: the handler gets the request that the client sent.
func TestRequest(t *testing.T) {
	seen := make(chan string, 1)
	s := serveHTTP2(t, ServerOptions{}, func(s *Stream) {
		r := s.Request
		seen <- fmt.Sprint(r.Method, " ", s.Protocol, " ", r.Host, " ", r.URL.Path, " ", r.URL.Query().Get("a"), " ", r.Header.Values("X"))
		s.Respond(http.StatusNoContent, http.Header{"X-Reply": {"1", "2"}})
	})
	c := NewClient(s.client)
	defer c.Close()
	stream, err := c.Open([]hpack.HeaderField{{Name: ":method", Value: "CONNECT"}, {Name: ":protocol", Value: "websocket"},
		{Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/p?a=b"}, {Name: ":authority", Value: "host:1"},
		{Name: "x", Value: "1"}, {Name: "x", Value: "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := await(t, seen), "CONNECT websocket host:1 /p b [1 2]"; got != want {
		t.Errorf("the handler got %q, want %q", got, want)
	}
	fields, err := stream.Response(t.Context())
	if err != nil || len(fields) != 3 || fields[0].Value != "204" {
		t.Errorf("response %v, %v", fields, err)
	}
	if rest, err := io.ReadAll(stream); len(rest) > 0 || err != nil {
		t.Errorf("body %q, %v", rest, err)
	}
}

// rawClient is a client whose frames the test sends one by one.
type rawClient struct {
	*http2.Framer
	conn net.Conn
}

// startRawClient sends the connection preface and empty settings.
func startRawClient(conn net.Conn) *rawClient {
	out := bufio.NewWriter(conn)
	io.WriteString(out, http2.ClientPreface)
	http2.NewFramer(out, nil).WriteSettings()
	out.Flush()
	return &rawClient{http2.NewFramer(conn, conn), conn}
}

// request opens a stream.
func (c *rawClient) request(stream uint32) error {
	var block bytes.Buffer
	fields := hpack.NewEncoder(&block)
	for _, field := range echoRequest {
		fields.WriteField(field)
	}
	return c.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
}

// goAway reads to the GOAWAY frame.
func (c *rawClient) goAway() (http2.ErrCode, error) {
	for {
		frame, err := c.ReadFrame()
		if err != nil {
			return 0, err
		}
		if f, ok := frame.(*http2.GoAwayFrame); ok {
			return f.ErrCode, nil
		}
	}
}

// TestFloods: too many frames without content end the connection, with ENHANCE_YOUR_CALM.
func TestFloods(t *testing.T) {
	for _, row := range []struct {
		name  string
		flood func(c *rawClient, i uint32) error // sends one or two frames
		want  string
	}{
		{"PING", func(c *rawClient, _ uint32) error { return c.WritePing(false, [8]byte{}) }, "PING frames"},
		{"SETTINGS", func(c *rawClient, _ uint32) error { return c.WriteSettings() }, "SETTINGS frames"},
		{"PRIORITY", func(c *rawClient, i uint32) error { return c.WritePriority(2*i+3, http2.PriorityParam{}) }, "PRIORITY frames"},
		{"PRIORITY_UPDATE", func(c *rawClient, _ uint32) error { return c.WritePriorityUpdate(1, "u=1") }, "PRIORITY frames"},
		{"unknown", func(c *rawClient, _ uint32) error { return c.WriteRawFrame(0x77, 0, 0, nil) }, "frames of unknown types"},
		{"empty DATA", func(c *rawClient, i uint32) error {
			if i == 0 {
				return c.request(1)
			}
			return c.WriteData(1, false, nil)
		}, "empty DATA frames"},
		{"padding", func(c *rawClient, i uint32) error {
			if i == 0 {
				return c.request(1)
			}
			return c.WriteDataPadded(1, false, nil, make([]byte, 8))
		}, "empty DATA frames"},
		{"empty CONTINUATION", func(c *rawClient, i uint32) error {
			if i == 0 {
				return c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
			}
			return c.WriteContinuation(1, false, nil)
		}, "CONTINUATION frames"},
		{"rapid reset", func(c *rawClient, i uint32) error {
			return errors.Join(c.request(2*i+1), c.WriteRSTStream(2*i+1, http2.ErrCodeCancel))
		}, "resets of streams or requests beyond the stream limit"}, // whichever limit is reached first
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := serveHTTP2(t, ServerOptions{}, echo)
			c := startRawClient(s.client)
			sent := make(chan struct{})
			var detected atomic.Bool
			go func() { // ended by the end of the connection, or when the server has detected the flood
				defer close(sent)
				for i := uint32(0); !detected.Load() && row.flood(c, i) == nil; i++ {
				}
			}()
			code, err := (&rawClient{http2.NewFramer(nil, s.client), nil}).goAway()
			detected.Store(true) // TestFloodWithoutReading goes on
			if err != nil || code != http2.ErrCodeEnhanceYourCalm {
				t.Errorf("ended with %v, %v", code, err)
			}
			var flood *FloodError
			if err := await(t, s.done); !errors.As(err, &flood) || !strings.Contains(row.want, flood.Frames) {
				t.Errorf("serve: %v, want a flood with %s", err, row.want)
			}
			<-sent
		})
	}
}

// TestFloodWithoutReading: a client that requests replies and does not read them is disconnected, in bounded memory.
func TestFloodWithoutReading(t *testing.T) {
	s := serveHTTP2(t, ServerOptions{}, echo)
	c := startRawClient(s.client)
	for i := 0; ; i++ {
		if err := c.WritePing(false, [8]byte{}); err != nil {
			break
		}
	}
	var flood *FloodError
	if err := await(t, s.done); !errors.As(err, &flood) {
		t.Errorf("serve: %v", err)
	}
}

// TestBudget: 100 frames a second are not a flood, for any time; 2,200 frames in a second are one.
func TestBudget(t *testing.T) {
	var b budget
	now := time.Now()
	for i := range 100_000 {
		if now = now.Add(10 * time.Millisecond); !b.spend(now) {
			t.Fatalf("100 frames a second are a flood after %d", i)
		}
	}
	for i := 0; b.spend(now); i++ {
		if i > 2200 {
			t.Fatal("more than the budget was spent")
		}
	}
}

// TestIdleTimeout: a connection without a stream is ended, one with a stream is not.
func TestIdleTimeout(t *testing.T) {
	const limit = time.Minute
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		s := serveInMemory(t, ServerOptions{IdleTimeout: limit}, echo)
		if code, err := startRawClient(s.client).goAway(); err != nil || code != http2.ErrCodeNo || time.Since(begun) != limit {
			t.Errorf("ended with %v, %v after %v", code, err, time.Since(begun))
		}
		s.client.Close()
		if err := <-s.done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, ServerOptions{IdleTimeout: limit}, func(s *Stream) {
			s.Respond(http.StatusOK, nil)
			time.Sleep(5 * limit)
			s.Write([]byte("late"))
		})
		c := NewClient(s.client)
		defer c.Close()
		stream, err := c.Open(echoRequest)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(stream); string(got) != "late" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		begun := time.Now() // of an idle time again
		if err := <-s.done; err != nil || time.Since(begun) != limit {
			t.Errorf("serve: %v after %v", err, time.Since(begun))
		}
	})
}

// TestPrefaceTimeout: the connection of a client that does not send its preface and settings is closed.
func TestPrefaceTimeout(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"", "PRI * HTTP", http2.ClientPreface, http2.ClientPreface + "\x00\x00\x06\x04"} {
		s := serveHTTP2(t, ServerOptions{PrefaceTimeout: 10 * time.Millisecond}, echo)
		io.WriteString(s.client, start)
		await(t, s.done)
	}
}

// TestServerErrors: a violation of RFC 9113 ends the connection, with the error code of the RFC.
func TestServerErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		send func(c *rawClient)
		want http2.ErrCode
	}{
		{"stream 2", func(c *rawClient) { c.request(2) }, http2.ErrCodeProtocol},
		{"the same stream", func(c *rawClient) { c.request(3); c.request(1) }, http2.ErrCodeProtocol},
		{"data on an idle stream", func(c *rawClient) { c.WriteData(5, false, []byte("x")) }, http2.ErrCodeProtocol},
		{"reset of an idle stream", func(c *rawClient) { c.WriteRSTStream(5, http2.ErrCodeCancel) }, http2.ErrCodeProtocol},
		{"data after the end", func(c *rawClient) { c.request(1); c.WriteData(1, true, nil); c.WriteData(1, true, nil) }, http2.ErrCodeStreamClosed},
		{"window", func(c *rawClient) { c.WriteWindowUpdate(0, 1<<31-1) }, http2.ErrCodeFlowControl},
		{"frame size", func(c *rawClient) { c.request(1); c.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, serverFrame+1)) }, http2.ErrCodeFrameSize},
		{"push", func(c *rawClient) {
			c.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: []byte{0x82}, EndHeaders: true})
		}, http2.ErrCodeProtocol},
	} {
		t.Run(row.name, func(t *testing.T) {
			wait := make(chan struct{})
			s := serveHTTP2(t, ServerOptions{}, func(*Stream) { <-wait })
			defer close(wait)
			c := startRawClient(s.client)
			row.send(c)
			if code, err := c.goAway(); err != nil || code != row.want {
				t.Errorf("ended with %v, %v; want %v", code, err, row.want)
			}
		})
	}
}

// TestStreamLimit: streams over the limit are refused, and the others go on.
func TestStreamLimit(t *testing.T) {
	s := serveHTTP2(t, ServerOptions{}, echo)
	c := startRawClient(s.client)
	for i := range uint32(maxStreams) {
		c.request(2*i + 1)
	}
	c.request(2*maxStreams + 1)
	for {
		frame, err := c.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if f, ok := frame.(*http2.RSTStreamFrame); ok {
			if f.StreamID != 2*maxStreams+1 || f.ErrCode != http2.ErrCodeRefusedStream {
				t.Errorf("stream %d was reset with %v", f.StreamID, f.ErrCode)
			}
			break
		}
	}
	c.WriteData(1, true, []byte("echoed"))
	for {
		frame, err := c.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if f, ok := frame.(*http2.DataFrame); ok && f.StreamID == 1 && string(f.Data()) == "echoed" {
			return
		}
	}
}

// TestRetire: open streams go on after the GOAWAY, and the connection ends with the last.
func TestRetire(t *testing.T) {
	t.Parallel()
	s := serveHTTP2(t, ServerOptions{}, echo)
	c := NewClient(s.client)
	defer c.Close()
	stream, err := c.Open(echoRequest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Response(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Retire()
	io.WriteString(stream, "hello")
	stream.CloseWrite()
	if got, err := io.ReadAll(stream); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	stream.Close()
	if err := await(t, s.done); err != nil {
		t.Errorf("serve: %v", err)
	}
	if _, err := c.Open(echoRequest); err == nil {
		t.Error("a stream was opened after the GOAWAY")
	}
}

// TestAbort: Abort ends reads and writes of the streams.
func TestAbort(t *testing.T) {
	handling := make(chan struct{})
	s := serveHTTP2(t, ServerOptions{}, func(s *Stream) {
		close(handling)
		io.Copy(io.Discard, s)
	})
	c := NewClient(s.client)
	defer c.Close()
	if _, err := c.Open(echoRequest); err != nil {
		t.Fatal(err)
	}
	await(t, handling)
	s.Abort()
	await(t, s.done)
}

// TestContinuationLimit: frames are counted for any sizes of reads.
func TestContinuationLimit(t *testing.T) {
	frame := func(kind http2.FrameType, length int) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(length)<<8|uint32(kind))
		return append(b, make([]byte, 5+length)...)
	}
	var all []byte
	for range maxContinuations {
		all = append(all, frame(http2.FrameContinuation, 3)...)
	}
	all = append(all, frame(http2.FrameData, 20)...)
	for range maxContinuations + 1 {
		all = append(all, frame(http2.FrameContinuation, 0)...)
	}
	for _, size := range []int{1, 7, 9, 4096} {
		limit := &continuationLimit{in: bytes.NewReader(append(bytes.Clone(all), frame(http2.FrameData, 1)...)), peer: "client"}
		got, err := io.ReadAll(io.LimitReader(struct{ io.Reader }{chunked{limit, size}}, 1<<30))
		var flood *FloodError
		if !errors.As(err, &flood) || len(got) < len(all) {
			t.Errorf("in reads of %d bytes: %d of %d bytes, then %v", size, len(got), len(all), err)
		}
	}
}

// chunked is a reader that returns at most size bytes from each Read.
type chunked struct {
	io.Reader
	size int
}

func (c chunked) Read(p []byte) (int, error) { return c.Reader.Read(p[:min(len(p), c.size)]) }

// FuzzServer sends arbitrary bytes to a server after the preface.
func FuzzServer(f *testing.F) {
	const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for _, seed := range []string{
		"", settings,
		settings + "\x00\x00\x04\x01\x05\x00\x00\x00\x01\x82\x84\x86\x41", // half a HEADERS
		settings + "\x00\x00\x05\x01\x05\x00\x00\x00\x01\x82\x84\x86\x41\x00",
		settings + "\x00\x00\x02\x00\x01\x00\x00\x00\x01hi",
		settings + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08",
		settings + "\x00\x00\x04\x08\x00\x00\x00\x00\x00\x7f\xff\xff\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		serverEnd, clientEnd := net.Pipe()
		var client sync.WaitGroup
		client.Go(func() { io.Copy(io.Discard, clientEnd) })
		client.Go(func() {
			clientEnd.Write(append([]byte(http2.ClientPreface), sent...))
			clientEnd.Close()
		})
		NewServer(serverEnd, bufio.NewReader(serverEnd), ServerOptions{}).Serve(echo)
		client.Wait()
	})
}

// TestCancelledResponse: Response ends with its context.
func TestCancelledResponse(t *testing.T) {
	wait := make(chan struct{})
	s := serveHTTP2(t, ServerOptions{}, func(*Stream) { <-wait })
	defer close(wait)
	c := NewClient(s.client)
	defer c.Close()
	stream, err := c.Open(echoRequest)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := stream.Response(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
