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
	listener net.Listener
	target   string       // the address that it forwards to
	cuts     int          // number of connections to cut
	maxGap   int          // maximum number of bytes from the client between two cuts
	done     atomic.Int64 // number of connections that were cut
	running  sync.WaitGroup
	rand     *rand.Rand // used only by accept
}

// StartLossyProxy forwards to an address until the test ends. It cuts connections the given number of times, each after a
// random number of bytes from the client, which is at most maxGap.
func StartLossyProxy(t Test, target string, cuts, maxGap int) *LossyProxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &LossyProxy{listener: listener, target: target, cuts: cuts, maxGap: maxGap, rand: rand.New(rand.NewPCG(1, 2))}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		listener.Close()
		p.running.Wait()
	})
	return p
}

// Addr returns host and port.
func (p *LossyProxy) Addr() string { return p.listener.Addr().String() }

// Cuts returns how many connections were cut so far.
func (p *LossyProxy) Cuts() int { return int(p.done.Load()) }

func (p *LossyProxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		c := &lossyConn{proxy: p, in: in.(*net.TCPConn), cutAfter: -1}
		if p.Cuts() < p.cuts {
			c.cutAfter = 200 + p.rand.IntN(p.maxGap)
			c.slow = p.rand.IntN(4) == 0
			c.freeze = p.rand.IntN(frozenShare) == 0
			c.reset = p.rand.IntN(2) == 0
		}
		p.running.Go(c.serve)
	}
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
	defer c.in.Close()
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
