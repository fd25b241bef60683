package http2

// ring buffers received bytes until they are read. It grows as needed, and keeps its memory.
type ring struct {
	buffer []byte
	start  int // index of the oldest byte
	length int // number of bytes
}

// minRing is the initial capacity of a ring, in bytes.
const minRing = 4 << 10

// write appends p.
func (r *ring) write(p []byte) {
	if r.length+len(p) > len(r.buffer) {
		r.grow(r.length + len(p))
	}
	end := (r.start + r.length) % max(1, len(r.buffer))
	n := copy(r.buffer[end:], p)
	copy(r.buffer, p[n:])
	r.length += len(p)
}

// grow enlarges the buffer for size bytes.
func (r *ring) grow(size int) {
	capacity := max(minRing, len(r.buffer))
	for capacity < size {
		capacity *= 2
	}
	grown := make([]byte, capacity)
	length := r.length
	r.read(grown)
	r.buffer, r.start, r.length = grown, 0, length
}

// read moves the oldest bytes into p, as many as fit, and returns their number.
func (r *ring) read(p []byte) int {
	p = p[:min(len(p), r.length)]
	n := copy(p, r.buffer[r.start:])
	copy(p[n:], r.buffer)
	r.length -= len(p)
	r.start = (r.start + len(p)) % max(1, len(r.buffer))
	if r.length == 0 {
		r.start = 0 // so that the next bytes are contiguous
	}
	return len(p)
}
