package servertest

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// frozenEach is which share of the connections that a storm ends is frozen first: one in so many.
const frozenEach = 30

// Storm is a way to a server that cuts, freezes and slows connections, so many times; then the weather is fine.
type Storm struct {
	listener net.Listener
	to       string
	cuts     int
	apart    int // bytes from the client, between two cuts at most
	struck   atomic.Int64
	running  sync.WaitGroup
	rand     *rand.Rand // of accept alone
}

// StartStorm leads to an address until the test ends. It cuts so many times, each after a random number of bytes from the
// client, which are at most apart.
func StartStorm(t Test, to string, cuts, apart int) *Storm {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Storm{listener: listener, to: to, cuts: cuts, apart: apart, rand: rand.New(rand.NewPCG(1, 2))}
	s.running.Go(s.accept)
	t.Cleanup(func() {
		listener.Close()
		s.running.Wait()
	})
	return s
}

// Addr is host and port of the way.
func (s *Storm) Addr() string { return s.listener.Addr().String() }

// Cuts is how many connections it has cut so far.
func (s *Storm) Cuts() int { return int(s.struck.Load()) }

func (s *Storm) accept() {
	for {
		in, err := s.listener.Accept()
		if err != nil {
			return
		}
		b := &bolt{storm: s, in: in.(*net.TCPConn), bytes: -1}
		if s.Cuts() < s.cuts {
			b.bytes = 200 + s.rand.IntN(s.apart)
			b.slow = s.rand.IntN(4) == 0
			b.freeze = s.rand.IntN(frozenEach) == 0
			b.reset = s.rand.IntN(2) == 0
		}
		s.running.Go(b.strike)
	}
}

// bolt is what happens to one connection.
type bolt struct {
	storm               *Storm
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
	b.storm.struck.Add(1)
	if b.freeze {
		io.Copy(io.Discard, b.in) // until the client has had enough; what it says comes to nobody
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
