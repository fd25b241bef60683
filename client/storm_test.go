package client

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// storm is a way to a server that cuts, freezes and slows connections, so many times; then the weather is fine.
type storm struct {
	listener net.Listener
	to       string
	wanted   int64
	bytes    int // from the client, between two cuts at most
	cuts     atomic.Int64
	running  sync.WaitGroup
	rand     *rand.Rand // of accept alone
}

func newStorm(t *testing.T, to string, cuts int64, bytes int) *storm {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &storm{listener: listener, to: to, wanted: cuts, bytes: bytes, rand: rand.New(rand.NewPCG(1, 2))}
	s.running.Go(s.accept)
	t.Cleanup(func() {
		listener.Close()
		s.running.Wait()
	})
	return s
}

func (s *storm) accept() {
	for {
		in, err := s.listener.Accept()
		if err != nil {
			return
		}
		b := &bolt{storm: s, in: in.(*net.TCPConn), bytes: -1}
		if s.cuts.Load() < s.wanted {
			b.bytes = 200 + s.rand.IntN(s.bytes)
			b.slow = s.rand.IntN(4) == 0
			b.freeze = s.rand.IntN(40) == 0
			b.reset = s.rand.IntN(2) == 0
		}
		s.running.Go(b.strike)
	}
}

// bolt is what happens to one connection.
type bolt struct {
	storm               *storm
	in, out             *net.TCPConn
	bytes               int // from the client until it happens; negative = never
	slow, freeze, reset bool
}

// strike carries bytes both ways until the client has gone, or it is time.
func (b *bolt) strike() {
	defer b.in.Close()
	out, err := net.Dial("tcp", b.storm.to)
	if err != nil {
		return
	}
	b.out = out.(*net.TCPConn)
	defer b.out.Close()
	b.storm.running.Go(func() {
		io.Copy(b.in, b.out)
		b.in.CloseWrite()
	})
	if !b.carry() {
		return
	}
	b.storm.cuts.Add(1)
	if b.freeze {
		io.Copy(io.Discard, b.frozen())
	}
	if b.reset {
		b.in.SetLinger(0)
		b.out.SetLinger(0)
	}
}

// carry says whether it came to its end by the storm.
func (b *bolt) carry() bool {
	block := make([]byte, 4<<10)
	for b.bytes != 0 {
		part := block
		if b.slow {
			part = block[:2000]
			time.Sleep(20 * time.Microsecond)
		}
		if b.bytes > 0 {
			part = part[:min(len(part), b.bytes)]
		}
		n, err := b.in.Read(part)
		if b.bytes > 0 {
			b.bytes -= n
		}
		if _, wrong := b.out.Write(part[:n]); err != nil || wrong != nil {
			b.out.CloseWrite()
			return false
		}
	}
	return true
}

// frozen is the client, when nothing is read from it any more; it ends when the client has gone. What was sent before that
// is thrown away.
func (b *bolt) frozen() io.Reader { return b.in }

// padding follows the number of a line.
const padding = " and what makes it longer, so that a cut hits fewer lines: as long as a short message in JSON is often enough"

// counter is a server that notes which lines come, by connection, and says something now and then.
type counter struct {
	mu    sync.Mutex // guards what follows
	conns [][]int
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	c.mu.Lock()
	at := len(c.conns)
	c.conns = append(c.conns, nil)
	c.mu.Unlock()
	for {
		_, data, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		line, whole := strings.CutSuffix(string(data), padding)
		if !whole {
			return // the library takes a frame that ends behind its header for an empty message
		}
		number, _ := strconv.Atoi(line)
		c.mu.Lock()
		c.conns[at] = append(c.conns[at], number)
		c.mu.Unlock()
		if number%1000 == 0 {
			conn.Write(context.Background(), websocket.MessageText, data)
		}
	}
}

// logbook notes what a session says of losses.
type logbook struct {
	mu       sync.Mutex // guards what follows
	doubtful map[int]bool
	retries  int
}

func (l *logbook) Idle() error { return nil }

func (l *logbook) Hear(e Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch detail := e.Detail.(type) {
	case *Attempt:
		l.retries++
	case *Doubtful:
		if detail.Count != detail.Last-detail.First+1 {
			return fmt.Errorf("doubt %+v", *detail)
		}
		for line := detail.First; line <= detail.Last; line++ {
			l.doubtful[line] = true
		}
	}
	return nil
}

// TestStorm: whatever becomes of connections, every line arrives once and in order, or is named; with Resend every line
// arrives. WSX_STORM=1 lets it say a million lines.
func TestStorm(t *testing.T) {
	const cuts = 200
	lines := 200_000
	if os.Getenv("WSX_STORM") != "" {
		lines = 1_000_000
	}
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprint("resend ", resend), func(t *testing.T) {
			count := &counter{}
			server := httptest.NewServer(count)
			defer server.Close()
			weather := newStorm(t, server.Listener.Addr().String(), cuts, lines*len(padding)*3/2/cuts)
			o := Options{
				Reconnect: true, ReconnectMax: 2 * time.Millisecond, Resend: resend, ConnectTimeout: patience,
				PingInterval: 50 * time.Millisecond, PingTimeout: 250 * time.Millisecond, CloseTimeout: patience,
			}
			book := &logbook{doubtful: map[int]bool{}}
			s := stormSession(t, "ws://"+weather.listener.Addr().String(), o, book)
			result := running(s)
			said := 0
			for said < lines || weather.cuts.Load() < cuts {
				said++
				line := strconv.AppendInt(nil, int64(said), 10)
				if err := s.Say(Said{Type: Text, Data: append(line, padding...), Line: said}); err != nil {
					t.Fatalf("say line %d: %v, %v", said, err, <-result)
				}
			}
			s.Close(1000, "")
			if err := <-result; err != nil {
				t.Errorf("run: %v", err)
			}
			server.Close() // waits for the connections
			times := count.inOrder(t)
			missing := 0
			for line := 1; line <= said; line++ {
				switch {
				case resend && times[line] == 0:
					t.Fatalf("line %d did not arrive", line)
				case !resend && times[line] > 1:
					t.Fatalf("line %d arrived %d times", line, times[line])
				case times[line] == 0 && !book.doubtful[line]:
					t.Fatalf("line %d neither arrived nor is in doubt", line)
				case times[line] == 0:
					missing++
				}
			}
			if resend && len(book.doubtful) > 0 {
				t.Errorf("%d lines are in doubt", len(book.doubtful))
			}
			t.Logf("%d lines over %d connections, %d cuts, %d tries: %d in doubt, of them %d did not arrive",
				said, len(count.conns), weather.cuts.Load(), book.retries, len(book.doubtful), missing)
		})
	}
}

// stormSession has small buffers, so that a cut hits few lines.
func stormSession(t *testing.T, url string, o Options, l Listener) *Session {
	d, err := newDialer(url, o)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context) (*upgraded, error) {
		up, err := d.connect(ctx)
		if err == nil {
			up.stream.(*stream).Conn.(*net.TCPConn).SetWriteBuffer(8 << 10)
		}
		return up, err
	}
	up, err := dial(t.Context())
	for err != nil {
		up, err = dial(t.Context())
	}
	return newSession(up, dial, o, l)
}

// inOrder says how often each line came, after each connection had its lines in order.
func (c *counter) inOrder(t *testing.T) map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	times := map[int]int{}
	for at, lines := range c.conns {
		for i, line := range lines {
			if i > 0 && line <= lines[i-1] {
				t.Fatalf("connection %d: line %d after line %d", at, line, lines[i-1])
			}
			times[line]++
		}
	}
	return times
}
