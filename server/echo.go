package server

import "wsx/client/wire"

// maxWholeEcho is the largest message, in bytes, that is received whole before it is sent back in one frame, also to a client that cannot
// read while it writes. A longer message is sent back while it is received.
const maxWholeEcho = 16 << 20

func startEcho(Options) func() func(*peer) error { return always(echo) }

// echo sends each message back until the connection ends. It receives and sends in one loop, so that it does not receive from
// a client that does not read.
func echo(p *peer) error {
	p.flushes = true
	for {
		m, err := p.receive(maxWholeEcho)
		if err != nil {
			return err
		}
		if m.partial {
			err = echoLong(p, m)
		} else {
			err = p.send(m.opcode, m.payload)
		}
		if err != nil {
			return err
		}
	}
}

// echoLong sends back a message that begins with m, while the rest is received.
func echoLong(p *peer, m message) error {
	size := int64(len(m.payload))
	if err := p.conn.WriteFragment(m.opcode, m.payload, true, false); err != nil {
		return err
	}
	for {
		fragment, err := p.receiveFragment()
		if err != nil {
			return err
		}
		size += int64(len(fragment.Payload))
		if err := p.conn.WriteFragment(m.opcode, fragment.Payload, false, fragment.Last); err != nil {
			return err
		}
		if fragment.Last {
			p.streamed(m.opcode, size)
			return nil
		}
	}
}

// streamed counts a message of size bytes that was sent back while it was received.
func (p *peer) streamed(opcode wire.Opcode, size int64) {
	p.received.Add(1)
	p.sent.Add(1)
	p.log.streamed(p.id, "in", opcode, size)
	p.log.streamed(p.id, "out", opcode, size)
}
