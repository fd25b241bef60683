package repl

import "bufio"

// How much is buffered for one write to the output, in bytes. A page of a batch is longer than the buffer of the display, and shorter than a
// part of a long message, so that neither is copied into the next buffer.
const (
	batchPage = 60 << 10
	pageSize  = 32 << 10
)

// page is a buffer that writes what is longer than itself without copying it, also when it is not empty.
type page struct{ *bufio.Writer }

func (p page) Write(b []byte) (int, error) {
	if len(b) > p.Size() {
		p.Flush() // its error is that of the next call as well
	}
	return p.Writer.Write(b)
}
