package codec

import "encoding/binary"

// mqttWriter writes members of an object, each with a comma before it.
type mqttWriter struct{ *writer }

func (w *mqttWriter) name(name string) {
	w.writer.byte(',')
	w.writer.member(name)
}

func (w *mqttWriter) uint(name string, v uint64) {
	w.name(name)
	w.writer.uint(v)
}

func (w *mqttWriter) bool(name string, v bool) {
	w.name(name)
	w.writer.bool(v)
}

func (w *mqttWriter) string(name string, v []byte) {
	w.name(name)
	w.quote(v)
}

func (w *mqttWriter) content(name string, v []byte) {
	w.name(name)
	w.writer.content(v)
}

// list writes an array of the rest of a body.
func (w *mqttWriter) list(name string, b *mqttBody, element func(*mqttWriter, *mqttBody)) {
	w.name(name)
	w.writer.byte('[')
	for i := 0; len(b.data) > 0 && b.err == nil; i++ {
		if i > 0 {
			w.writer.byte(',')
		}
		if err := w.value(); err != nil {
			b.fail(err)
		}
		element(w, b)
	}
	w.writer.byte(']')
}

// mqttBody reads the body of a packet. After an error it returns zero values.
type mqttBody struct {
	data []byte
	err  error
}

func (b *mqttBody) fail(err error) {
	if b.err == nil {
		b.err = err
	}
	b.data = nil
}

func (b *mqttBody) next(n int) []byte {
	if n > len(b.data) || n < 0 {
		b.fail(errCut)
		return nil
	}
	data := b.data[:n]
	b.data = b.data[n:]
	return data
}

func (b *mqttBody) rest() []byte { return b.next(len(b.data)) }

// uint reads an integer of size bytes.
func (b *mqttBody) uint(size int) uint64 { return bigEndian(b.next(size)) }

func (b *mqttBody) byte() byte { return byte(b.uint(1)) }

func (b *mqttBody) varint() int {
	v, n := binary.Uvarint(b.data[:min(len(b.data), 4)])
	if n <= 0 {
		b.fail(errCut)
		return 0
	}
	b.data = b.data[n:]
	return int(v)
}

// string reads bytes with their length in 16 bits before them.
func (b *mqttBody) string() []byte { return b.next(int(b.uint(2))) }
