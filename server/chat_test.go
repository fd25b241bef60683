package server

import (
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
	ann.say("hello")
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

// TestChatOfMany has everyone hear everything in the same order, while one reads nothing.
func TestChatOfMany(t *testing.T) {
	const guests, said = 200, 20
	s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour})
	joinDeaf(t, s)
	all := enter(t, s, guests)
	var hearing sync.WaitGroup
	for i, c := range all {
		hearing.Go(func() {
			for range guests - 1 - i { // the joining of all after it
				c.hear()
			}
			for n := range said {
				c.expect(fmt.Sprintf("0 says: %d", n))
			}
		})
	}
	for n := range said {
		all[0].say(fmt.Sprint(n))
	}
	hearing.Wait()
}

// joinDeaf joins as guest1, by hand, and reads no further.
func joinDeaf(t testing.TB, s *Server) net.Conn {
	t.Helper()
	raw := upgrade(t, s)
	want := "\x81\x0fWelcome guest1.\x81\x0eguest1 joined."
	got := make([]byte, len(want))
	if _, err := io.ReadFull(raw, got); err != nil || string(got) != want {
		t.Fatalf("joined with %q (%v), want %q", got, err, want)
	}
	return raw
}

// enter lets guests named by their number in, one after the other; each has heard that it joined.
func enter(t testing.TB, s *Server, guests int) []*talker {
	all := make([]*talker, guests)
	for i := range all {
		all[i] = dial(t, s.URL()+"?name="+strconv.Itoa(i), nil)
		all[i].expect(fmt.Sprintf("Welcome %d.", i))
		all[i].expect(fmt.Sprintf("%d joined.", i))
	}
	return all
}

// TestChatClosesWhoDoesNotRead has ann talk until it is seen that the other reads nothing.
func TestChatClosesWhoDoesNotRead(t *testing.T) {
	for _, row := range []struct {
		name   string
		said   int           // bytes
		stall  time.Duration // until the guest is closed
		behind int64         // likewise, bytes
		want   farewell
	}{
		{"for long", 4 << 20, 100 * time.Millisecond, 64 << 20, stalled},
		{"far behind", 16 << 20, time.Hour, 4 << 20, tooSlow},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour, behind: row.behind})
			deaf := joinDeaf(t, s)
			allow(s, 1, row.stall)
			ann := dial(t, s.URL()+"?name=ann", nil)
			ann.expect("Welcome ann.")
			ann.expect("ann joined.")
			const size = 1 << 18
			text := strings.Repeat("x", size)
			left := false
			for said := 0; said < row.said && !left; said += size {
				ann.say(text)
				for len(ann.hearUnless(&left, "guest1 left.")) < size {
				}
			}
			if !left {
				ann.expect("guest1 left.")
			}
			end := fmt.Sprintf("\x88%c\x03\xf0%s", 2+len(row.want.reason), row.want.reason)
			expectEnd(t, deaf, end)
		})
	}
}

// allow lets the client of that number read nothing for so long, from the next write to it on. The others have the time
// that the machine takes.
func allow(s *Server, id int, stall time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.sessions {
		if one.id == id {
			one.cork.mu.Lock()
			one.cork.watch = &watch{one.cork.watch.Timer, stall}
			one.cork.mu.Unlock()
		}
	}
}

// expectEnd reads until what was read ends so.
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
	raw.Close() // instead of an answer, which would be waited for
}

// hearUnless hears, and notes when it is the line awaited.
func (c *talker) hearUnless(came *bool, awaited string) string {
	c.t.Helper()
	got := c.hear()
	*came = *came || got == awaited
	return got
}

func TestChatSlowsDownWhoSpeaksAndDoesNotRead(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat", NoCompress: true, stall: time.Hour})
	deaf := joinDeaf(t, s)
	ann := dial(t, s.URL()+"?name=ann", nil)
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	frame := append([]byte{0x81, 0x80 | 126, 0x10, 0, 0, 0, 0, 0}, strings.Repeat("x", 0x1000)...)
	deaf.Write(frame)
	ann.hear()
	allow(s, 1, 100*time.Millisecond)
	flood := make(chan struct{})
	go func() { // ends when the connection does
		defer close(flood)
		for {
			if _, err := deaf.Write(frame); err != nil {
				return
			}
		}
	}()
	heard := 1
	for ann.hear() != "guest1 left." {
		heard++
	}
	deaf.Close()
	<-flood
	if most := 64 << 20 / 0x1000; heard > most {
		t.Errorf("%d messages of who reads nothing were passed on", heard)
	}
}
