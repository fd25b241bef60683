package wire

import (
	"bytes"
	"reflect"
	"testing"
	"time"
)

// TestTraceBothSides: the sender's trace of a frame equals the receiver's.
func TestTraceBothSides(t *testing.T) {
	var out, in []Trace
	record := func(list *[]Trace) func(Trace) {
		return func(f Trace) {
			f.Head = bytes.Clone(f.Head)
			*list = append(*list, f)
		}
	}
	d := &Deflate{}
	var s memoryStream
	c := NewConn(&s, Options{Deflate: d, Trace: record(&out)})
	for _, x := range []outgoing{{Text, 5, 0}, {Text, 40, 0}, {Ping, 3, 0}, {Binary, 70_000, 0}, {Text, 200_000, 0}, {Text, 10, 4}, {Close, 0, 0}} {
		write(t, c, x)
	}
	must(t, c.Flush())
	for chunk := range 3 {
		in = nil
		if _, err := read(s.out.Bytes(), chunk, Options{Server: true, Deflate: d, Trace: record(&in)}); err == nil {
			t.Fatal(err)
		}
		if len(in) != len(out) {
			t.Fatalf("%d frames sent, %d received", len(out), len(in))
		}
		for i := range in {
			a, b := out[i], in[i]
			if a.Time.IsZero() || b.Time.IsZero() || !a.Out || b.Out {
				t.Errorf("frame %d: %+v, %+v", i, a, b)
			}
			a.Out, a.Time, b.Time = false, time.Time{}, time.Time{}
			// For a fragment, only the receiver knows the inflated length, and only the sender the length before compression.
			if !a.Fin || a.Opcode == Continuation {
				a.Inflated, b.Inflated = 0, 0
			}
			if a.Compressed && len(a.Head) == 0 || !reflect.DeepEqual(a, b) {
				t.Errorf("frame %d: sent %+v, received %+v", i, a, b)
			}
		}
	}
	if f := out[1]; f.Length != f.Inflated || f.Compressed || len(f.Head) != headSize || !f.Masked || f.Rsv != 0 {
		t.Errorf("%+v", f)
	}
	if f := out[3]; f.Length == 70_000 || !f.Compressed || f.Rsv != 4 {
		t.Errorf("%+v", f)
	}
}
