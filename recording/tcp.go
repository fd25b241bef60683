package recording

import (
	"encoding/binary"
	"time"
)

// side is the sender of a packet.
type side int

const (
	client side = iota
	server
)

// connection is a synthetic TCP connection (RFC 9293) between addresses for documentation (RFC 5737).
type connection struct {
	file   *captureFile
	ports  [2]uint16 // port of each side
	next   [2]uint32 // sequence number of the next byte of each side
	packet [2]uint16 // identification of the IP packet that each side sends next
	frames uint32    // number of frames sent by the client, from which their masking keys are derived
	closed bool

	data, tcp, ethernet []byte // buffers of one segment, which are reused
}

// The ports of the connections.
const (
	portHTTP  = 80
	firstPort = 49152 // of the dynamic ports (RFC 6335, section 6)
)

func newConnection(file *captureFile, number uint16) *connection {
	return &connection{
		file:  file,
		ports: [2]uint16{firstPort + number%(1<<16-firstPort), portHTTP},
		next:  [2]uint32{1000 * uint32(number), 500_000 + 1000*uint32(number)},
	}
}

// The flags of a segment, and sizes.
const (
	flagFin = 0x01
	flagSyn = 0x02
	flagPsh = 0x08
	flagAck = 0x10

	maxSegment     = 1460 // maximum data of a segment in an Ethernet frame, in bytes
	window         = 65535
	unacknowledged = 16 // number of segments after which the other side acknowledges them
)

// handshake opens the connection.
func (c *connection) handshake(t time.Time) {
	c.segment(t, client, flagSyn, nil)
	c.segment(t, server, flagSyn|flagAck, nil)
	c.segment(t, client, flagAck, nil)
}

// send sends a header and data, in as many segments as needed. The other side acknowledges them.
func (c *connection) send(t time.Time, from side, header, data []byte) {
	for n := 1; len(header)+len(data) > 0; n++ {
		fit := min(len(data), maxSegment-len(header))
		c.data = append(append(c.data[:0], header...), data[:fit]...)
		header, data = nil, data[fit:]
		flags := byte(flagAck)
		if len(data) == 0 {
			flags |= flagPsh
		}
		c.segment(t, from, flags, c.data)
		if n%unacknowledged == 0 || len(data) == 0 {
			c.segment(t, 1-from, flagAck, nil)
		}
	}
}

// close closes the connection. The server closes its side first (RFC 6455, section 7.1.1).
func (c *connection) close(t time.Time) {
	if c.closed {
		return
	}
	c.closed = true
	c.segment(t, server, flagFin|flagAck, nil)
	c.segment(t, client, flagFin|flagAck, nil)
	c.segment(t, server, flagAck, nil)
}

// segment writes a segment, and updates the sequence numbers.
func (c *connection) segment(t time.Time, from side, flags byte, data []byte) {
	to := 1 - from
	var ack uint32
	if flags&flagAck != 0 {
		ack = c.next[to]
	}
	tcp := binary.BigEndian.AppendUint16(c.tcp[:0], c.ports[from])
	tcp = binary.BigEndian.AppendUint16(tcp, c.ports[to])
	tcp = binary.BigEndian.AppendUint32(tcp, c.next[from])
	tcp = binary.BigEndian.AppendUint32(tcp, ack)
	tcp = append(tcp, 5<<4, flags) // five words of header
	tcp = binary.BigEndian.AppendUint16(tcp, window)
	tcp = append(tcp, 0, 0, 0, 0) // checksum, urgent pointer
	tcp = append(tcp, data...)
	binary.BigEndian.PutUint16(tcp[16:], checksum(pseudoHeader(from, len(tcp)), tcp))

	c.next[from] += uint32(len(data))
	if flags&(flagSyn|flagFin) != 0 {
		c.next[from]++
	}
	packet := append(c.appendIP(appendEthernet(c.ethernet[:0], from), from, len(tcp)), tcp...)
	c.file.packet(t, packet)
	c.tcp, c.ethernet = tcp, packet
}

// address returns a side's IPv4 address.
func address(s side) []byte { return []byte{192, 0, 2, byte(1 + s)} }

// hardware returns a side's Ethernet address, which is locally administered.
func hardware(s side) []byte { return []byte{2, 0, 0, 0, 0, byte(1 + s)} }

func appendEthernet(b []byte, from side) []byte {
	b = append(b, hardware(1-from)...)
	b = append(b, hardware(from)...)
	return append(b, 0x08, 0x00) // IPv4 follows
}

const protocolTCP = 6

// appendIP appends the header of an IPv4 packet (RFC 791) with a payload of a length.
func (c *connection) appendIP(b []byte, from side, length int) []byte {
	ip := []byte{4<<4 | 5, 0} // version 4, five words of header
	ip = binary.BigEndian.AppendUint16(ip, uint16(20+length))
	ip = binary.BigEndian.AppendUint16(ip, c.packet[from])
	ip = append(ip, 0x40, 0, 64, protocolTCP, 0, 0) // do not fragment; time to live 64; the checksum is set below
	ip = append(ip, address(from)...)
	ip = append(ip, address(1-from)...)
	binary.BigEndian.PutUint16(ip[10:], checksum(ip))
	c.packet[from]++
	return append(b, ip...)
}

// pseudoHeader returns the part of the IP header that TCP's checksum covers.
func pseudoHeader(from side, length int) []byte {
	b := append(address(from), address(1-from)...)
	b = append(b, 0, protocolTCP)
	return binary.BigEndian.AppendUint16(b, uint16(length))
}

// checksum returns the Internet checksum (RFC 1071). All parts but the last are of even length.
func checksum(parts ...[]byte) uint16 {
	var sum uint32
	for _, part := range parts {
		for ; len(part) > 1; part = part[2:] {
			sum += uint32(part[0])<<8 | uint32(part[1])
		}
		if len(part) == 1 {
			sum += uint32(part[0]) << 8
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
