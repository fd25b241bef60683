package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
)

// gatedStream is a stream whose peer reads only as many bytes as allow permits. Read blocks until Close.
type gatedStream struct {
	mu      sync.Mutex
	cond    sync.Cond
	allowed int // number of bytes that the peer may still read
	closed  bool
	out     bytes.Buffer
	writes  int
}

func newGatedStream() *gatedStream {
	g := &gatedStream{}
	g.cond.L = &g.mu
	return g
}

// allow permits the peer to read n more bytes.
func (g *gatedStream) allow(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.allowed += n
	g.cond.Broadcast()
}

func (g *gatedStream) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes++
	for done := 0; ; {
		n := min(g.allowed, len(b)-done)
		g.out.Write(b[done : done+n])
		g.allowed -= n
		if done += n; done == len(b) {
			return done, nil
		}
		if g.closed {
			return done, net.ErrClosed
		}
		g.cond.Wait()
	}
}

func (g *gatedStream) Read([]byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.closed {
		g.cond.Wait()
	}
	return 0, net.ErrClosed
}

func (g *gatedStream) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.cond.Broadcast()
	return nil
}

func (g *gatedStream) bytes() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	return bytes.Clone(g.out.Bytes())
}

const unlimited = 1 << 40

// readSent reads the frames that a client wrote.
func readSent(t *testing.T, b []byte) []received {
	t.Helper()
	all, err := read(b, 0, Options{Server: true, Deflate: &Deflate{}})
	if err != io.EOF {
		t.Fatalf("the written frames end with %v", err)
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestStalledPeer: while the peer does not read, writers block, memory stays bounded, and QueueControl does not block.
func TestStalledPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatedStream()
		c := NewConn(g, Options{})
		line := bytes.Repeat([]byte("x"), 1000)
		const lines = 1000
		result := make(chan error)
		go func() {
			var err error
			for i := 0; i < lines && err == nil; i++ {
				err = c.WriteMessage(Text, line)
			}
			if err == nil {
				err = c.Flush()
			}
			result <- err
		}()
		synctest.Wait() // the writer waits with both blocks full
		used := allocated(func() {
			for i := range 100_000 {
				c.QueueControl(Pong, binary.BigEndian.AppendUint32(nil, uint32(i)))
			}
		})
		if used > 4<<20 { // 4 bytes a payload, and the queue
			t.Errorf("%d bytes allocated for control frames", used)
		}
		synctest.Wait()
		g.allow(unlimited)
		must(t, <-result)
		must(t, c.Flush())

		texts, last := 0, uint32(0)
		var pongs []uint32
		for _, m := range readSent(t, g.bytes()) {
			if m.op == Text && m.payload == string(line) {
				texts++
				continue
			}
			n := binary.BigEndian.Uint32([]byte(m.payload))
			if n < last {
				t.Errorf("pong %d after %d", n, last)
			}
			pongs, last = append(pongs, n), n
		}
		if texts != lines || len(pongs) != maxQueuedControl || last != 99_999 {
			t.Errorf("%d texts, %d pongs, the last %d", texts, len(pongs), last)
		}
		must(t, c.Close())
	})
}

// TestSmallBlocksStayBounded: with small blocks, only as many control frames are kept as fit.
func TestSmallBlocksStayBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatedStream()
		c := NewConn(g, Options{WriteBlock: 512})
		result := make(chan error)
		go func() {
			var err error
			for i := 0; i < 10 && err == nil; i++ {
				err = c.WriteMessage(Text, bytes.Repeat([]byte("x"), 300))
			}
			result <- errors.Join(err, c.Flush())
		}()
		synctest.Wait() // the writer waits with both blocks full
		for range 100 {
			c.QueueControl(Pong, make([]byte, MaxControl))
		}
		synctest.Wait()
		g.allow(unlimited)
		must(t, <-result)
		must(t, c.Flush())
		texts, pongs := 0, 0
		for _, m := range readSent(t, g.bytes()) {
			if m.op == Text {
				texts++
			} else {
				pongs++
			}
		}
		if texts != 10 || pongs != 3 {
			t.Errorf("%d texts and %d pongs, want 10 and 3", texts, pongs)
		}
		must(t, c.Close())
	})
}

// TestQueuedControlBetweenLongFrames: a queued frame is not starved by a writer of long frames.
func TestQueuedControlBetweenLongFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatedStream()
		c := NewConn(g, Options{})
		long := make([]byte, 300_000)
		done := make(chan error)
		go func() {
			err := c.WriteMessage(Binary, long)
			for range 3 {
				err = errors.Join(err, c.WriteMessage(Binary, long))
			}
			done <- errors.Join(err, c.Flush())
		}()
		synctest.Wait()
		c.QueueControl(Pong, []byte("p"))
		g.allow(unlimited)
		must(t, <-done)
		all := readSent(t, g.bytes())
		if len(all) != 5 || all[1].op != Pong {
			t.Errorf("%d messages sent, the second is a %v", len(all), all[1].op)
		}
		must(t, c.Close())
	})
}

// TestQueueControlNeedsNoFlush: a queued frame is sent without a Flush.
func TestQueueControlNeedsNoFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatedStream()
		g.allow(unlimited)
		c := NewConn(g, Options{})
		c.QueueControl(Pong, []byte("a"))
		synctest.Wait()
		c.QueueControl(Ping, make([]byte, 126)) // not a valid control frame: not sent
		c.QueueControl(Text, nil)
		c.QueueControl(Close, ClosePayload(1000, "bye"))
		c.QueueControl(Pong, []byte("late"))
		synctest.Wait()
		want := []received{{Pong, "a"}, {Close, "\x03\xe8bye"}}
		if all := readSent(t, g.bytes()); !equal(all, want) {
			t.Errorf("sent %v, want %v", all, want)
		}
		must(t, c.Close())
	})
}

// TestQueuedControlGoesFirst: a queued frame is sent before messages written later.
func TestQueuedControlGoesFirst(t *testing.T) {
	for range 100 {
		var s memoryStream
		c := NewConn(&s, Options{})
		must(t, c.WriteMessage(Text, []byte("a")))
		c.QueueControl(Pong, []byte("p"))
		must(t, c.WriteMessage(Text, []byte("b")))
		must(t, c.Flush())
		must(t, c.Close())
		if all := readSent(t, s.out.Bytes()); !equal(all, []received{{Text, "a"}, {Pong, "p"}, {Text, "b"}}) {
			t.Fatalf("sent %v", all)
		}
	}
}

// TestMessageWaitsForFragments: between fragments only control frames are sent.
func TestMessageWaitsForFragments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatedStream()
		g.allow(unlimited)
		c := NewConn(g, Options{})
		must(t, c.WriteFragment(Text, []byte("a"), true, false))
		done := make(chan error, 2)
		go func() { done <- c.WriteMessage(Text, []byte("whole")) }()
		synctest.Wait()
		must(t, c.WriteControl(Ping, []byte("p")))
		must(t, c.WriteFragment(Text, []byte("b"), false, false))
		c.QueueControl(Pong, []byte("q"))
		must(t, c.Flush())
		synctest.Wait()
		must(t, c.WriteFragment(Text, nil, false, true))
		must(t, <-done)
		must(t, c.Flush())
		want := []received{{Ping, "p"}, {Pong, "q"}, {Text, "ab"}, {Text, "whole"}}
		if all := readSent(t, g.bytes()); !equal(all, want) {
			t.Errorf("sent %v, want %v", all, want)
		}
		if c.Written() != 2 {
			t.Errorf("%d messages counted", c.Written())
		}
		must(t, c.Close())
	})
}

// TestCloseUnblocksWriters: Close ends calls that wait for the peer, for the end of a message, and for other writers.
func TestCloseUnblocksWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewConn(newGatedStream(), Options{})
		done := make(chan error)
		waiters := []func() error{
			func() error { return c.WriteMessage(Binary, make([]byte, 1<<20)) },
			func() error { return c.WriteMessage(Text, []byte("b")) },
			func() error { return c.WriteControl(Ping, nil) },
			func() error { return c.WriteFragment(Text, nil, true, false) },
			func() error { return c.Flush() },
			func() error { _, err := c.Next(); return err },
		}
		for _, w := range waiters {
			go func() { done <- w() }()
			synctest.Wait()
		}
		c.QueueControl(Pong, nil)
		go func() { done <- c.Close() }()
		synctest.Wait()
		must(t, c.Close())
		closed := 0
		for range len(waiters) + 1 {
			if err := <-done; errors.Is(err, net.ErrClosed) {
				closed++
			}
		}
		if closed != len(waiters) {
			t.Errorf("%d of %d calls returned that the stream is closed", closed, len(waiters))
		}
		if err := c.WriteMessage(Text, nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a message after Close: %v", err)
		}
		c.QueueControl(Pong, nil)
	})
}

func TestNothingAfterCloseFrame(t *testing.T) {
	var s memoryStream
	c := NewConn(&s, Options{})
	must(t, c.WriteFragment(Text, []byte("half"), true, false))
	must(t, c.WriteControl(Close, ClosePayload(1001, "")))
	for what, err := range map[string]error{
		"a message":  c.WriteMessage(Text, nil),
		"a fragment": c.WriteFragment(Text, nil, false, true),
		"a ping":     c.WriteControl(Ping, nil),
		"a close":    c.WriteControl(Close, nil),
	} {
		if err != ErrCloseSent {
			t.Errorf("%s: %v", what, err)
		}
	}
	c.QueueControl(Pong, nil)
	must(t, c.Flush())
	must(t, c.Close())
	if b := s.out.Bytes(); len(b) != 2+4+4+2+4+2 {
		t.Errorf("% x was sent", b)
	}
}

func TestInvalidWrites(t *testing.T) {
	var s memoryStream
	c := NewConn(&s, Options{})
	for what, err := range map[string]error{
		"a message of opcode ping":         c.WriteMessage(Ping, nil),
		"a fragment of opcode 0":           c.WriteFragment(Continuation, nil, true, true),
		"a continuation without a message": c.WriteFragment(Text, nil, false, true),
		"a control frame of text":          c.WriteControl(Text, nil),
		"a ping of 126 bytes":              c.WriteControl(Ping, make([]byte, 126)),
	} {
		if err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
	must(t, c.WriteMessage(Text, []byte("x")))
	must(t, c.Flush())
	if all := readSent(t, s.out.Bytes()); !equal(all, []received{{Text, "x"}}) {
		t.Errorf("sent %v", all)
	}
	must(t, c.Close())
}

// limitedStream is a stream whose Write fails after a number of bytes.
type limitedStream struct {
	memoryStream
	remaining int // number of bytes until Write fails
}

func (c *limitedStream) Write(b []byte) (int, error) {
	n := min(c.remaining, len(b))
	c.remaining -= n
	c.memoryStream.Write(b[:n])
	if n < len(b) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

// TestWrittenAtEveryCut: Written counts the messages that a reader receives whole, after any number of bytes.
func TestWrittenAtEveryCut(t *testing.T) {
	writeAll := func(c *Conn) error {
		return errors.Join(
			c.WriteMessage(Text, []byte("hello")), c.WriteControl(Ping, []byte("p")), c.WriteMessage(Binary, nil), c.Flush(),
			c.WriteFragment(Text, []byte("ab"), true, false), c.WriteFragment(Text, []byte("cd"), false, true),
			c.WriteMessage(Binary, make([]byte, writeBlock+3)), c.WriteMessage(Text, []byte("end")), c.Flush())
	}
	var whole memoryStream
	must(t, writeAll(NewConn(&whole, Options{})))
	total := whole.out.Len()
	for limit := range total + 1 {
		if limit > 100 && limit < writeBlock-10 { // the inside of the long frame
			continue
		}
		s := &limitedStream{remaining: limit}
		c := NewConn(s, Options{})
		if err := writeAll(c); (err == nil) != (limit == total) {
			t.Fatalf("%d of %d bytes: %v", limit, total, err)
		}
		all, _ := read(s.out.Bytes(), 0, Options{Server: true})
		want := uint64(0)
		for _, m := range all {
			if !m.op.control() {
				want++
			}
		}
		if c.Written() != want {
			t.Errorf("%d of %d bytes: %d messages counted, %d are whole", limit, total, c.Written(), want)
		}
		must(t, c.Close())
	}
}

// TestManyWriters: with concurrent writers of all kinds, each writer's messages arrive whole and in order.
func TestManyWriters(t *testing.T) {
	near, far := net.Pipe()
	client := NewConn(near, Options{Deflate: &Deflate{}})
	server := NewConn(far, Options{Server: true, Deflate: &Deflate{}})
	const writers, each = 6, 150
	var group sync.WaitGroup
	for id := range writers {
		group.Go(func() {
			for i := range each {
				text := fmt.Appendf(nil, "%d %d %s", id, i, bytes.Repeat([]byte{'.'}, i*i%3000*(1+id/5*40)))
				var err error
				switch id {
				case 0:
					half := len(text) / 2
					err = errors.Join(client.WriteFragment(Text, text[:half], true, false), client.WriteFragment(Text, text[half:], false, true))
				case 1:
					client.QueueControl(Pong, text[:min(len(text), MaxControl)])
					err = client.WriteMessage(Text, text)
				default:
					err = client.WriteMessage(Text, text)
				}
				if i%10 == 0 {
					err = errors.Join(err, client.Flush())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan error)
	next := make([]int, writers)
	go func() {
		all, err := receive(server)
		for _, m := range all {
			var id, i int
			if m.op == Text {
				fmt.Sscan(m.payload, &id, &i)
				if i != next[id] {
					t.Errorf("writer %d: message %d, want %d", id, i, next[id])
				}
				next[id]++
			}
		}
		done <- err
	}()
	group.Wait()
	must(t, client.Flush())
	must(t, client.Close())
	if err := <-done; err != io.EOF {
		t.Error(err)
	}
	for id, n := range next {
		if n != each {
			t.Errorf("writer %d: %d of %d messages arrived", id, n, each)
		}
	}
	if client.Written() != writers*each {
		t.Errorf("%d messages counted", client.Written())
	}
	must(t, server.Close())
}

// TestMaskKeysAreFresh: each frame has a new key, on each connection (RFC 6455, section 5.3).
func TestMaskKeysAreFresh(t *testing.T) {
	seen := make(map[uint32]bool)
	for range 2 {
		c := NewConn(&memoryStream{}, Options{Trace: func(f Trace) {
			seen[binary.LittleEndian.Uint32(f.Mask[:])] = true
		}})
		for range 100 {
			must(t, c.WriteMessage(Text, []byte("x")))
		}
		must(t, c.Close())
	}
	if len(seen) < 199 { // of 2^32
		t.Errorf("%d keys for 200 frames", len(seen))
	}
}

func TestWriteMessages(t *testing.T) {
	for _, agreed := range []*Deflate{nil, {}} {
		g := newGatedStream()
		g.allow(1 << 30)
		c := NewConn(g, Options{Deflate: agreed})
		var want []string
		for _, size := range []int{0, 1, 125, 126, 1000, 65535, 65536, 300_000, 2} {
			want = append(want, string(bytes.Repeat([]byte("x"), size)))
		}
		must(t, c.WriteMessages(Text, func(yield func([]byte) bool) {
			for _, message := range want {
				if !yield([]byte(message)) {
					t.Error("a message was refused")
				}
			}
		}))
		must(t, c.Flush())
		if n := c.Written(); n != uint64(len(want)) {
			t.Errorf("%d messages written, want %d", n, len(want))
		}
		messages := readSent(t, g.bytes())
		if len(messages) != len(want) {
			t.Fatalf("%d messages received, want %d", len(messages), len(want))
		}
		for i, message := range want {
			if messages[i].payload != message {
				t.Errorf("message %d has %d bytes, want %d", i, len(messages[i].payload), len(message))
			}
		}
		must(t, c.WriteControl(Close, nil))
		err := c.WriteMessages(Text, func(yield func([]byte) bool) { yield(nil) })
		if !errors.Is(err, ErrCloseSent) {
			t.Errorf("after the close frame: %v, want %v", err, ErrCloseSent)
		}
		c.Close()
	}
}
