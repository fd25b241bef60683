package http2

// ring holds bytes until they are read. It grows to the most that it had to hold, and allocates nothing from then on.
type ring struct {
	buffer []byte
	start  int // where the oldest byte lies
	held   int // bytes
}

// smallestRing is the capacity of a ring at first, in bytes.
const smallestRing = 4 << 10

// write appends p.
func (r *ring) write(p []byte) {
	if r.held+len(p) > len(r.buffer) {
		r.grow(r.held + len(p))
	}
	end := (r.start + r.held) % max(1, len(r.buffer))
	n := copy(r.buffer[end:], p)
	copy(r.buffer, p[n:])
	r.held += len(p)
}

// grow makes room for size bytes.
func (r *ring) grow(size int) {
	capacity := max(smallestRing, len(r.buffer))
	for capacity < size {
		capacity *= 2
	}
	wider := make([]byte, capacity)
	held := r.held
	r.read(wider)
	r.buffer, r.start, r.held = wider, 0, held
}

// read moves the oldest bytes into p, as many as fit, and returns how many.
func (r *ring) read(p []byte) int {
	p = p[:min(len(p), r.held)]
	n := copy(p, r.buffer[r.start:])
	copy(p[n:], r.buffer)
	r.held -= len(p)
	r.start = (r.start + len(p)) % max(1, len(r.buffer))
	if r.held == 0 {
		r.start = 0 // what comes next lies in one piece
	}
	return len(p)
}
