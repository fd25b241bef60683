package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestChat(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat"})
	ann := dial(t, s.URL()+"?name=ann", nil)
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	bob := dial(t, s.URL()+"?name=bob", nil)
	bob.expect("Welcome bob.")
	bob.expect("bob joined.")
	ann.expect("bob joined.")
	ann.send("hello")
	ann.expect("ann says: hello")
	bob.expect("ann says: hello")
	bob.Close(websocket.StatusNormalClosure, "")
	ann.expect("bob left.")
}

func TestChatNames(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat"})
	for _, row := range []struct{ query, want string }{
		{"?name=ann", "ann"},
		{"?name=ann", "ann2"},
		{"?name=ann", "ann3"},
		{"", "guest1"},
		{"?name=", "guest2"},
		{"?name=%1b[2J%E2%80%AEeve%0a", "[2Jeve"},
		{"?name=%ff", "guest3"},
		{"?name=+a+b+", "a b"},
		{"?name=0123456789012345678901234567890123456789", "01234567890123456789012345678901"},
	} {
		dial(t, s.URL()+row.query, nil).expect("Welcome " + row.want + ".")
	}
}

// TestChatManyMembers: all members receive all messages in the same order, while one does not read.
func TestChatManyMembers(t *testing.T) {
	const members, lines = 200, 20
	s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour})
	joinWithoutReading(t, s)
	all := join(t, s, members)
	var receiving sync.WaitGroup
	for i, c := range all {
		receiving.Go(func() {
			for range members - 1 - i { // all later ones join
				c.receive()
			}
			for n := range lines {
				c.expect(fmt.Sprintf("0 says: %d", n))
			}
		})
	}
	for n := range lines {
		all[0].send(fmt.Sprint(n))
	}
	receiving.Wait()
}

// joinWithoutReading joins as guest1 on a raw connection, and does not read further.
func joinWithoutReading(t testing.TB, s *Server) net.Conn {
	t.Helper()
	raw := openRaw(t, s)
	want := "\x81\x0fWelcome guest1.\x81\x0eguest1 joined."
	got := make([]byte, len(want))
	if _, err := io.ReadFull(raw, got); err != nil || string(got) != want {
		t.Fatalf("joined with %q (%v), want %q", got, err, want)
	}
	return raw
}

// join adds members named by their number, one after the other, and receives the first messages of each.
func join(t testing.TB, s *Server, members int) []*testClient {
	all := make([]*testClient, members)
	for i := range all {
		all[i] = dial(t, s.URL()+"?name="+strconv.Itoa(i), nil)
		all[i].expect(fmt.Sprintf("Welcome %d.", i))
		all[i].expect(fmt.Sprintf("%d joined.", i))
	}
	return all
}

// TestChatEvictsStalledMember: a member that does not read is closed while another sends.
func TestChatEvictsStalledMember(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		stall   time.Duration // until the member is closed
		backlog int64         // the same, in bytes
		want    closeFrame
	}{
		{"for long", 100 * time.Millisecond, 64 << 20, stalled},
		{"far behind", time.Hour, 1 << 20, tooFarBehind},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour, backlog: row.backlog})
			silent := joinWithoutReading(t, s)
			setStall(s, 1, row.stall)
			ann := dial(t, s.URL()+"?name=ann", nil)
			ann.expect("Welcome ann.")
			ann.expect("ann joined.")
			const size = 1 << 18
			text := strings.Repeat("x", size)
			hasLeft := false
			for sent := 0; sent < 8<<20 && !hasLeft; sent += size {
				ann.send(text)
				for len(ann.receiveOrMatch(&hasLeft, "guest1 left.")) < size {
				}
			}
			if !hasLeft {
				ann.expect("guest1 left.")
			}
			end := fmt.Sprintf("\x88%c\x03\xf0%s", 2+len(row.want.reason), row.want.reason)
			expectEnd(t, silent, end)
		})
	}
}

// setStall sets how long a write to one client may block, from the next write on. The other clients keep the option, so that a slow
// machine does not evict them.
func setStall(s *Server, id int, stall time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		if p.id == id {
			p.stream.limit.Store(int64(stall))
		}
	}
}

// expectEnd reads until the bytes read end with end.
func expectEnd(t testing.TB, raw net.Conn, end string) {
	t.Helper()
	tail, p := "", make([]byte, 64<<10)
	for !strings.HasSuffix(tail, end) {
		n, err := raw.Read(p)
		tail += string(p[:n])
		tail = tail[max(0, len(tail)-len(end)):]
		if err != nil {
			t.Fatalf("%v after %q, want %q", err, tail, end)
		}
	}
	raw.Close() // or the server would wait for the answer to its Close
}

// receiveOrMatch returns the next message, and sets *matched if it is the one wanted.
func (c *testClient) receiveOrMatch(matched *bool, want string) string {
	c.t.Helper()
	got := c.receive()
	*matched = *matched || got == want
	return got
}

func TestChatBackpressure(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour})
	silent := joinWithoutReading(t, s)
	ann := dial(t, s.URL()+"?name=ann", nil)
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	frame := append([]byte{0x81, 0x80 | 126, 0x10, 0, 0, 0, 0, 0}, strings.Repeat("x", 0x1000)...)
	silent.Write(frame)
	ann.receive()
	setStall(s, 1, 100*time.Millisecond)
	writerEnded := make(chan struct{})
	go func() { // ends when the connection does
		defer close(writerEnded)
		for {
			if _, err := silent.Write(frame); err != nil {
				return
			}
		}
	}()
	forwarded := 1
	for ann.receive() != "guest1 left." {
		forwarded++
	}
	silent.Close()
	<-writerEnded
	if maxForwarded := 64 << 20 / 0x1000; forwarded > maxForwarded {
		t.Errorf("%d messages of a member that does not read were forwarded on", forwarded)
	}
}

// TestChatShutdownWhilePublishing: a shutdown ends a client whose message waits until it reads what it was sent.
func TestChatShutdownWhilePublishing(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour})
	silent := joinWithoutReading(t, s)
	defer silent.Close()
	frame := append([]byte{0x81, 0x80 | 126, 0x10, 0, 0, 0, 0, 0}, strings.Repeat("x", 0x1000)...)
	for err := error(nil); err == nil; { // until the server does not read any more
		silent.SetWriteDeadline(time.Now().Add(time.Second))
		_, err = silent.Write(frame)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Shutdown(ctx)
	}()
	select {
	case <-ended:
	case <-time.After(testTimeout):
		t.Fatal("the shutdown does not end")
	}
}
