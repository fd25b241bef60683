package render

import (
	"io"

	"wsx/client"
)

// rowSize is how many bytes a row of a hexdump shows where it has room for them.
const rowSize = 16

// rowSizeFor returns how many bytes a row of a hexdump shows in a number of columns, 0 = any number: 16, 8, 4, 2 or 1.
func rowSizeFor(columns int) int {
	size := rowSize
	for columns > 0 && size > 1 && hexRowWidth(size) > columns {
		size /= 2
	}
	return size
}

// hexRowWidth returns how wide a row of size bytes is: the offset, three columns for each byte and one before each eight, the ASCII.
func hexRowWidth(size int) int { return 8 + 3*size + (size+7)/8 + len("  ||") + size }

// Hex shows each received message as hexdump -C does: rows of offset, bytes and ASCII, then the
// length. A large message is shown fragment by fragment.
type Hex struct {
	Options

	text   []byte
	size   int // bytes of a row of the current message
	offset int64
	row    []byte // the bytes of an incomplete row
}

// Render writes a message or a fragment of one.
func (h *Hex) Render(w io.Writer, e client.Event) error {
	if e.Kind != client.KindMessage || e.Dir == client.Out && !h.Sent {
		return nil
	}
	if e.First {
		h.offset, h.row, h.size = 0, h.row[:0], rowSize
		if h.Width != nil {
			h.size = rowSizeFor(h.Width())
		}
	}
	h.text = h.append(h.text[:0], e.Payload, e.Last)
	if len(h.text) == 0 {
		return nil
	}
	_, err := w.Write(h.text)
	return err
}

func (h *Hex) append(dst, data []byte, last bool) []byte {
	if len(h.row) > 0 {
		n := min(h.size-len(h.row), len(data))
		h.row = append(h.row, data[:n]...)
		data = data[n:]
		if len(h.row) == h.size {
			dst = h.appendRow(dst, h.row)
			h.row = h.row[:0]
		}
	}
	for len(data) >= h.size {
		dst = h.appendRow(dst, data[:h.size])
		data = data[h.size:]
	}
	h.row = append(h.row, data...)
	if !last {
		return dst
	}
	if len(h.row) > 0 {
		dst = h.appendRow(dst, h.row)
	}
	return append(appendHex(dst, uint32(h.offset), 8), '\n')
}

func (h *Hex) appendRow(dst, row []byte) []byte {
	dst = append(appendHexRow(dst, h.offset, row, h.size, Style{}), '\n')
	h.offset += int64(len(row))
	return dst
}

// appendHexRow appends offset, bytes and ASCII of a row, which has room for size bytes.
func appendHexRow(dst []byte, offset int64, row []byte, size int, dim Style) []byte {
	dst = append(dst, dim.on...)
	dst = appendHex(dst, uint32(offset), 8)
	dst = append(dst, dim.off...)
	for i := range size {
		if i%8 == 0 {
			dst = append(dst, ' ')
		}
		if i < len(row) {
			dst = append(dst, ' ', hexDigits[row[i]>>4], hexDigits[row[i]&0xf])
		} else {
			dst = append(dst, "   "...)
		}
	}
	dst = append(dst, "  |"...)
	return append(appendASCII(dst, row), '|')
}

// appendASCII appends what is printable ASCII, and dots for the rest.
func appendASCII(dst, data []byte) []byte {
	for _, b := range data {
		if b < 0x20 || b > 0x7e {
			b = '.'
		}
		dst = append(dst, b)
	}
	return dst
}
