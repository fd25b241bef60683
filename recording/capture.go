package recording

import (
	"bufio"
	"encoding/binary"
	"time"
)

// captureFile writes blocks of pcapng, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
type captureFile struct {
	out *bufio.Writer
	now time.Time // time of the latest packet; times never decrease

	body, block []byte // buffers of one block, which are reused
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
	optionResolution  = 9 // of an interface: the resolution of its times
	nanoseconds       = 9
)

func newCaptureFile(out *bufio.Writer, application string) *captureFile {
	f := &captureFile{out: out}
	section := binary.LittleEndian.AppendUint32(nil, byteOrder)
	section = binary.LittleEndian.AppendUint16(section, 1) // version 1.0
	section = binary.LittleEndian.AppendUint16(section, 0)
	section = binary.LittleEndian.AppendUint64(section, ^uint64(0)) // length not known
	section = appendOption(section, optionApplication, []byte(application))
	f.writeBlock(blockSection, appendOption(section, optionEnd, nil))

	description := binary.LittleEndian.AppendUint16(nil, linkEthernet)
	description = binary.LittleEndian.AppendUint16(description, 0)
	description = binary.LittleEndian.AppendUint32(description, 0) // packets of any length
	description = appendOption(description, optionResolution, []byte{nanoseconds})
	f.writeBlock(blockInterface, appendOption(description, optionEnd, nil))
	return f
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...))
}

// pad appends zeros up to a multiple of four bytes.
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
	f.writeBlock(blockPacket, f.body)
}

// writeBlock writes a block. An error is returned when the file is flushed.
func (f *captureFile) writeBlock(kind uint32, body []byte) {
	length := uint32(len(body) + 12)
	block := binary.LittleEndian.AppendUint32(f.block[:0], kind)
	block = binary.LittleEndian.AppendUint32(block, length)
	block = append(block, body...)
	f.block = binary.LittleEndian.AppendUint32(block, length)
	f.out.Write(f.block)
}
