package recording

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"time"
)

// pcap writes a pcapng capture of the sessions as if they had been over TCP without TLS and compression. The messages are
// those of the recording, the rest is synthetic. All sessions use HTTP/1.1 and port 80, so that Wireshark recognizes
// them.
type pcap struct {
	file     *captureFile
	at       *connection // of the current session; nil = none
	sessions uint16
}

func beginPcap(out *bufio.Writer, o Options) writer {
	return &pcap{file: newCaptureFile(out, "wsx "+o.Version)}
}

func (p *pcap) open(e *Event) error {
	p.close(e.Time)
	p.at = newConnection(p.file, p.sessions)
	p.sessions++
	p.at.handshake(e.Time)
	request, key := upgradeRequest(e)
	p.at.send(e.Time, client, nil, request)
	p.at.send(e.Time, server, nil, upgradeResponse(e, key))
	return nil
}

func (p *pcap) add(e *Event) error {
	from := server
	if e.Sent() {
		from = client
	}
	data, err := e.Payload()
	if err != nil {
		return err
	}
	if e.Event == "close" {
		data = closePayload(e)
	}
	op := opcodeOf(e)
	switch {
	case e.Event == "end":
		p.close(e.Time)
	case op >= opClose && len(data) > maxControl:
		return fmt.Errorf("a control frame of %d bytes, but at most %d are allowed", len(data), maxControl)
	case op != 0:
		p.at.sendFrame(e.Time, from, op, data)
	}
	return nil
}

// opcodeOf returns the opcode of the frame of an event, 0 if it has none.
func opcodeOf(e *Event) opcode {
	switch e.Event {
	case "message":
		if e.Type == "binary" {
			return opBinary
		}
		return opText
	case "ping":
		return opPing
	case "pong":
		return opPong
	case "close":
		return opClose
	}
	return 0
}

// close ends the current session. A session whose end was not recorded has no end in the capture.
func (p *pcap) close(t time.Time) {
	if p.at != nil {
		p.at.close(t)
	}
}

func (p *pcap) end() (note string, err error) { return "", nil }

// captureFile writes blocks of pcapng, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
type captureFile struct {
	out *bufio.Writer
	now time.Time // of the latest packet; time does not go back

	body, whole []byte // buffers of one block
}

// The block types, and the values in them.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 6

	byteOrder    = 0x1a2b3c4d
	linkEthernet = 1

	optionEnd         = 0
	optionApplication = 4 // of a section: the program that wrote it
	optionResolution  = 9 // of an interface: of its times
	nanoseconds       = 9
)

func newCaptureFile(out *bufio.Writer, application string) *captureFile {
	f := &captureFile{out: out}
	section := binary.LittleEndian.AppendUint32(nil, byteOrder)
	section = binary.LittleEndian.AppendUint16(section, 1) // version 1.0
	section = binary.LittleEndian.AppendUint16(section, 0)
	section = binary.LittleEndian.AppendUint64(section, ^uint64(0)) // length not known
	section = appendOption(section, optionApplication, []byte(application))
	f.block(blockSection, appendOption(section, optionEnd, nil))

	face := binary.LittleEndian.AppendUint16(nil, linkEthernet)
	face = binary.LittleEndian.AppendUint16(face, 0)
	face = binary.LittleEndian.AppendUint32(face, 0) // packets of any length
	face = appendOption(face, optionResolution, []byte{nanoseconds})
	f.block(blockInterface, appendOption(face, optionEnd, nil))
	return f
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...))
}

// pad pads to a multiple of four bytes.
func pad(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }

// packet writes a packet with its time.
func (f *captureFile) packet(t time.Time, packet []byte) {
	if t.After(f.now) {
		f.now = t
	}
	nanos := uint64(f.now.UnixNano())
	body := f.body[:0]
	for _, field := range []uint32{0, uint32(nanos >> 32), uint32(nanos), uint32(len(packet)), uint32(len(packet))} {
		body = binary.LittleEndian.AppendUint32(body, field)
	}
	f.body = pad(append(body, packet...))
	f.block(blockPacket, f.body)
}

// block writes a block. An error is returned when the file is flushed.
func (f *captureFile) block(kind uint32, body []byte) {
	length := uint32(len(body) + 12)
	block := binary.LittleEndian.AppendUint32(f.whole[:0], kind)
	block = binary.LittleEndian.AppendUint32(block, length)
	block = append(block, body...)
	f.whole = binary.LittleEndian.AppendUint32(block, length)
	f.out.Write(f.whole)
}
