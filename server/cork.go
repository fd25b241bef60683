package server

import (
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"time"
)

// corkSize is how much is held back at most, bytes.
const corkSize = 64 << 10

// lastWrite bounds what Close still does for bytes held back.
const lastWrite = time.Second

// corkBuffers are borrowed while there is something to hold back, so that an idle client costs none.
var corkBuffers = sync.Pool{New: func() any { b := make([]byte, 0, corkSize); return &b }}

// cork is a connection that flushes before it blocks: what is written while a holder is at work leaves in one
// write(2) when that holder is about to wait. A read is about to wait, so the reading goroutine holds between
// its reads; nobody needs to think of flushing. The library writes each frame on its own, and would otherwise
// pay a system call a message.
type cork struct {
	net.Conn

	mu      sync.Mutex // guards what follows; never held across a write(2), or a stalled peer would stop the reader
	idle    sync.Cond  // nobody writes
	holders int        // goroutines that release before they wait
	held    *[]byte    // nil = nothing is pending
	writing bool
	closed  bool
	err     error // of the first failed write; those after it get it too
	watch   *watch
}

// watch looks after writes that the peer does not take. A nil watch does not.
type watch struct {
	*time.Timer // runs while a write does
	patience    time.Duration
}

// newCork corks a connection whose accepting goroutine is the first holder, until its first Read.
func newCork(c net.Conn) *cork {
	k := &cork{Conn: c, holders: 1}
	k.idle.L = &k.mu
	return k
}

// Read flushes, and waits for the peer.
func (k *cork) Read(p []byte) (int, error) {
	k.release()
	n, err := k.Conn.Read(p)
	k.hold()
	return n, err
}

// Write takes p, and writes it now if nobody holds or it is more than can be held.
func (k *cork) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pending()+len(p) > corkSize {
		k.flush()
	}
	if len(p) > corkSize {
		k.through(p)
		k.flush() // what came while p was written
		return len(p), k.err
	}
	if k.held == nil {
		k.held = corkBuffers.Get().(*[]byte)
	}
	*k.held = append(*k.held, p...)
	if k.holders == 0 {
		k.flush()
	}
	return len(p), k.err
}

// Close sends what is held back, if the peer takes it soon, and closes.
func (k *cork) Close() error {
	k.Conn.SetWriteDeadline(time.Now().Add(lastWrite))
	k.mu.Lock()
	k.closed = true
	k.flush()
	k.mu.Unlock()
	return k.Conn.Close()
}

// isClosed is true from when Close is called: before the peer can see it.
func (k *cork) isClosed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.closed
}

// limitKernel bounds what the kernel holds of what was written, bytes.
func (k *cork) limitKernel(size int) {
	below := k.Conn
	if secured, ok := below.(*tls.Conn); ok {
		below = secured.NetConn()
	}
	if kernel, ok := below.(*net.TCPConn); ok { // a stream of HTTP/2 or HTTP/3 has a window instead
		kernel.SetWriteBuffer(size)
	}
}

// watchFor has stalled called when the peer takes nothing of what is written for so long, whichever goroutine
// writes it. Call it before anything is written.
func (k *cork) watchFor(stall time.Duration, stalled func()) {
	w := &watch{time.AfterFunc(stall, stalled), stall}
	w.Stop()
	k.mu.Lock()
	k.watch = w
	k.mu.Unlock()
}

// hold begins work that ends with release.
func (k *cork) hold() {
	k.mu.Lock()
	k.holders++
	k.mu.Unlock()
}

// release ends what hold began; call it before waiting for anything.
func (k *cork) release() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.holders--
	if !k.writing { // who writes takes along what is pending
		k.flush()
	}
}

func (k *cork) pending() int {
	if k.held == nil {
		return 0
	}
	return len(*k.held)
}

// flush writes until nothing is pending. Call it with mu locked.
func (k *cork) flush() {
	for k.writing {
		k.idle.Wait()
	}
	for k.held != nil {
		out := k.held
		k.held = nil
		k.through(*out)
		*out = (*out)[:0]
		corkBuffers.Put(out)
	}
}

// through writes p to the kernel with mu unlocked meanwhile. Nobody else may be writing.
func (k *cork) through(p []byte) {
	if k.err != nil {
		return
	}
	k.writing = true
	w := k.watch
	k.mu.Unlock()
	err := w.write(k.Conn, p)
	k.mu.Lock()
	k.writing = false
	if k.err == nil {
		k.err = err
	}
	k.idle.Broadcast()
}

// write writes p to c, under watch in pieces that a slow peer takes in time.
func (w *watch) write(c net.Conn, p []byte) error {
	if w == nil {
		_, err := c.Write(p)
		return err
	}
	defer w.Stop()
	for piece := range slices.Chunk(p, corkSize) {
		w.Reset(w.patience)
		if _, err := c.Write(piece); err != nil {
			return err
		}
	}
	return nil
}
