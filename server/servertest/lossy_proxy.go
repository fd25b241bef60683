package servertest

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// One in frozenShare of the connections that a lossy proxy cuts is frozen first.
const frozenShare = 30

// LossyProxy forwards TCP connections to a server. It cuts, freezes and slows some of them; then it only forwards.
type LossyProxy struct {
	*acceptor
	target string       // the address that it forwards to
	cuts   int          // number of connections to cut
	maxGap int          // maximum number of bytes from the client between two cuts
	done   atomic.Int64 // number of connections that were cut

	mu   sync.Mutex // guards the field below
	rand *rand.Rand
}

// StartLossyProxy forwards to an address until the test ends. It cuts connections the given number of times, each after a
// random number of bytes from the client, which is at most maxGap.
func StartLossyProxy(t Test, target string, cuts, maxGap int) *LossyProxy {
	a, err := newAcceptor()
	if err != nil {
		t.Fatal(err)
	}
	p := &LossyProxy{acceptor: a, target: target, cuts: cuts, maxGap: maxGap, rand: rand.New(rand.NewPCG(1, 2))}
	p.serve(p.handle)
	t.Cleanup(p.Close)
	return p
}

// Cuts returns how many connections were cut so far.
func (p *LossyProxy) Cuts() int { return int(p.done.Load()) }

func (p *LossyProxy) handle(in net.Conn) {
	c := &lossyConn{proxy: p, in: in.(*net.TCPConn), cutAfter: -1}
	if p.Cuts() < p.cuts {
		p.mu.Lock()
		c.cutAfter = 200 + p.rand.IntN(p.maxGap)
		c.slow = p.rand.IntN(4) == 0
		c.freeze = p.rand.IntN(frozenShare) == 0
		c.reset = p.rand.IntN(2) == 0
		p.mu.Unlock()
	}
	c.serve()
}

// lossyConn is one connection through a lossy proxy.
type lossyConn struct {
	proxy               *LossyProxy
	in, out             *net.TCPConn
	cutAfter            int // bytes from the client; negative = it is not cut
	slow, freeze, reset bool
}

// serve forwards both ways until the client has disconnected or the connection is cut.
func (c *lossyConn) serve() {
	out, err := net.Dial("tcp", c.proxy.target)
	if err != nil {
		return
	}
	c.out = out.(*net.TCPConn)
	defer c.out.Close()
	c.proxy.running.Go(func() {
		io.Copy(c.in, c.out)
		c.in.CloseWrite()
	})
	if !c.forward() {
		return
	}
	c.proxy.done.Add(1)
	if c.freeze {
		io.Copy(io.Discard, c.in) // until the client gives up
	}
	if c.reset {
		c.in.SetLinger(0)
		c.out.SetLinger(0)
	}
}

// forward reports whether it ended at the cut.
func (c *lossyConn) forward() bool {
	buffer := make([]byte, 4<<10)
	for c.cutAfter != 0 {
		block := buffer
		if c.slow {
			block = buffer[:2000]
			time.Sleep(20 * time.Microsecond)
		}
		if c.cutAfter > 0 {
			block = block[:min(len(block), c.cutAfter)]
		}
		n, err := c.in.Read(block)
		if c.cutAfter > 0 {
			c.cutAfter -= n
		}
		if _, writeErr := c.out.Write(block[:n]); err != nil || writeErr != nil {
			c.out.CloseWrite()
			return false
		}
	}
	return true
}
