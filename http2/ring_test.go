package http2

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestRing compares a ring with a bytes.Buffer.
func TestRing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var r ring
	var model bytes.Buffer
	for step := range 20000 {
		if random.IntN(2) == 0 && r.length < 100_000 {
			p := make([]byte, random.IntN(9000))
			for i := range p {
				p[i] = byte(random.Uint32())
			}
			r.write(p)
			model.Write(p)
		} else {
			got, want := make([]byte, random.IntN(9000)), make([]byte, 9000)
			n := r.read(got)
			m, _ := model.Read(want[:len(got)])
			if !bytes.Equal(got[:n], want[:m]) {
				t.Fatalf("step %d: read %d bytes, wanted %d", step, n, m)
			}
		}
		if r.length != model.Len() {
			t.Fatalf("step %d: holds %d, wanted %d", step, r.length, model.Len())
		}
	}
	if len(r.buffer) > 256<<10 {
		t.Errorf("grew to %d", len(r.buffer))
	}
}
