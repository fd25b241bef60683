package server

import (
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/wire"
)

const (
	readBlock     = 4 << 10  // bytes read from a connection at once, and the memory of an idle client
	writeBlock    = 4 << 10  // bytes written to a connection at once
	maxKeptBuffer = 16 << 10 // maximum size of a message buffer that is kept for the next message, in bytes
)

const (
	closeTimeout     = 5 * time.Second // how long a client may take to answer a Close frame
	lastWriteTimeout = time.Second     // how long the last write to a connection may take
)

// peer is one client, from the opening handshake to the closing handshake.
type peer struct {
	log         *accessLog
	maxMessage  int64  // largest received message in bytes; 0 = no limit
	id          int    // in the log
	name        string // requested by the query
	subprotocol string
	stream      *stream
	conn        *wire.Conn
	flushes     bool   // sent messages are flushed before each wait for the peer; set before the first receive
	buffer      []byte // for a message that arrives in fragments
	sent        atomic.Int64
	received    atomic.Int64
	closing     atomic.Pointer[closing] // nil until a Close frame was sent or received
	closeOnce   sync.Once
}

// closing is the first Close frame of a connection.
type closing struct {
	first error       // a closeFrame that was sent, or a receivedClose
	limit *time.Timer // drops a peer that does not answer the Close frame sent; nil after a received one
}

// beginFrames prepares to send and receive frames after the opening handshake.
func (p *peer) beginFrames(agreed *wire.Deflate) {
	p.conn = wire.NewConn(p.stream, wire.Options{
		Server: true, Deflate: agreed, MaxMessage: p.maxMessage,
		ReadBlock: readBlock, WriteBlock: writeBlock, BeforeRead: p.beforeRead,
	})
}

// beforeRead is called before each read that may block.
func (p *peer) beforeRead() {
	if p.flushes {
		p.conn.Flush() // Next returns the error
	}
}

// message is a received message, or the beginning of a message that is longer than the limit.
type message struct {
	opcode  wire.Opcode
	payload []byte // valid until the next receive
	partial bool   // the rest must be received with receiveFragment
}

// receive waits for a message. It returns the beginning of one that has more than limit bytes.
func (p *peer) receive(limit int) (message, error) {
	if p.buffer = p.buffer[:0]; cap(p.buffer) > maxKeptBuffer {
		p.buffer = nil
	}
	for {
		fragment, err := p.receiveFragment()
		if err != nil {
			return message{}, err
		}
		m := message{opcode: fragment.Opcode, payload: fragment.Payload}
		if !fragment.First || !fragment.Last {
			p.buffer = appendFragment(p.buffer, fragment.Payload)
			m.payload = p.buffer
		}
		if fragment.Last {
			p.count(m)
			return m, nil
		}
		if len(p.buffer) >= limit {
			m.partial = true
			return m, nil
		}
	}
}

// appendFragment appends to a buffer that grows with the bytes received, not with the announced length.
func appendFragment(buffer, fragment []byte) []byte {
	if len(buffer)+len(fragment) > cap(buffer) {
		buffer = slices.Grow(buffer, max(len(fragment), len(buffer), 512))
	}
	return append(buffer, fragment...)
}

// count logs and counts a message that was received.
func (p *peer) count(m message) {
	p.log.message(p.id, "in", m.opcode, m.payload)
	p.received.Add(1)
}

// receiveFragment waits for the next fragment of a message. It answers Pings and Close frames.
func (p *peer) receiveFragment() (wire.Fragment, error) {
	for {
		fragment, err := p.conn.Next()
		if err != nil {
			return wire.Fragment{}, err
		}
		switch fragment.Opcode {
		case wire.Ping:
			p.conn.QueueControl(wire.Pong, fragment.Payload)
		case wire.Pong:
		case wire.Close:
			code, reason := wire.ParseClose(fragment.Payload)
			return wire.Fragment{}, receivedClose{code, string(reason)}
		default:
			return fragment, nil
		}
	}
}

// discard receives until the connection ends, and returns why.
func (p *peer) discard() error {
	for {
		fragment, err := p.receiveFragment()
		if err != nil {
			return err
		}
		if fragment.Last {
			p.received.Add(1)
		}
	}
}

// send buffers a message. It waits while the peer does not read.
func (p *peer) send(opcode wire.Opcode, payload []byte) error {
	p.log.message(p.id, "out", opcode, payload)
	p.sent.Add(1)
	return p.conn.WriteMessage(opcode, payload)
}

// run serves the peer until the connection has ended, and returns why: a closeFrame that was sent, a receivedClose, or an error.
func (p *peer) run(behave func(*peer) error) error {
	err := behave(p)
	if errors.Is(err, wire.ErrCloseSent) {
		err = p.discard() // until the peer's answer
	}
	p.closeConn(err)
	return p.reason(err)
}

// always returns a function that returns serve.
func always(serve func(*peer) error) func() func(*peer) error {
	return func() func(*peer) error { return serve }
}

// sendAndReceive runs a sending and a receiving loop concurrently. The sending loop ends when stop is closed, or when a write fails.
func (p *peer) sendAndReceive(send func(stop <-chan struct{}), receive func() error) error {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		send(stop)
	}()
	err := receive()
	close(stop)
	p.closeConn(err) // unblocks send if it waits for a peer that does not read
	<-stopped
	return err
}

// close sends a Close frame without waiting, and bounds how long the peer may take to answer. Only the first Close frame is sent.
func (p *peer) close(f closeFrame) {
	limit := time.AfterFunc(closeTimeout, p.drop)
	if !p.closing.CompareAndSwap(nil, &closing{f, limit}) {
		limit.Stop()
		return
	}
	p.conn.QueueControl(wire.Close, wire.ClosePayload(f.code, f.reason))
}

// closeConn closes the connection after err: with the answer to the peer's Close frame, with a Close frame for err, or, if the
// connection is lost, without a Close frame.
func (p *peer) closeConn(err error) {
	p.closeOnce.Do(func() {
		limit := time.AfterFunc(lastWriteTimeout, p.drop)
		p.closingHandshake(err)
		p.conn.Close()
		limit.Stop()
		if c := p.closing.Load(); c != nil && c.limit != nil {
			c.limit.Stop()
		}
	})
}

func (p *peer) closingHandshake(err error) {
	if received, ok := errors.AsType[receivedClose](err); ok {
		p.closing.CompareAndSwap(nil, &closing{first: received})
		p.writeClose(closeFrame(received)) // unless one was sent before
		return
	}
	frame, ok := errors.AsType[closeFrame](err)
	if violation, bad := errors.AsType[*wire.ProtocolError](err); bad {
		frame, ok = closeFrame{violation.Code, violation.Reason}, true
	}
	if !ok {
		return
	}
	p.closing.CompareAndSwap(nil, &closing{first: frame})
	p.writeClose(frame)
	p.stream.CloseWrite()
	io.Copy(io.Discard, p.stream) // closing with unread bytes would reset the TCP connection, and the Close frame might be lost
}

// writeClose sends all buffered frames and a Close frame, if none was sent before.
func (p *peer) writeClose(f closeFrame) {
	p.conn.WriteControl(wire.Close, wire.ClosePayload(f.code, f.reason))
	p.conn.Flush()
}

// reason returns how the connection ended: with the first Close frame, or with err.
func (p *peer) reason(err error) error {
	if c := p.closing.Load(); c != nil {
		return c.first
	}
	return err
}

// drop drops the connection without a Close frame.
func (p *peer) drop() { p.stream.Close() }
