package daemon

import (
	"fmt"
	"strings"
	"testing"
)

// fill adds messages with the numbers from begin to end as their lines.
func fill(r *ring, begin, end int) {
	for i := begin; i <= end; i++ {
		r.add(entry{line: fmt.Appendf(nil, "%d", i)}, true)
	}
}

func TestRingReads(t *testing.T) {
	start := position{next: 1}
	for _, test := range []struct {
		name  string
		count int
		from  position
		limit int
		want  string
		gap   int64
	}{
		{"nothing", 0, start, 10, "", 0},
		{"all", 3, start, 10, "1 2 3", 0},
		{"some", 3, start, 2, "1 2", 0},
		{"the rest", 3, position{3, 2}, 10, "3", 0},
		{"nothing new", 3, position{4, 3}, 10, "", 0},
		{"what is left", ringEntries + 5, start, 2, "6 7", 5},
		{"after a part", ringEntries + 5, position{3, 2}, 1, "6", 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRing()
			fill(r, 1, test.count)
			list, next, gap := r.read(test.from, test.limit)
			var got []string
			for _, e := range list {
				got = append(got, string(e.line))
			}
			if text := strings.Join(got, " "); text != test.want || gap != test.gap {
				t.Errorf("read %q after a gap of %d, want %q and %d", text, gap, test.want, test.gap)
			}
			if n := len(list); n > 0 && (next.next != list[n-1].seq+1 || next.received != list[n-1].received) {
				t.Errorf("the position after %+v is %+v", list[n-1], next)
			}
		})
	}
}

// TestRingLosesNothing reads in batches while messages are added: each message is read, or counted in a gap.
func TestRingLosesNothing(t *testing.T) {
	r, at, total := newRing(), position{next: 1}, int64(0)
	added := 0
	for _, step := range []int{1, 10, ringEntries, 3, 2*ringEntries + 7, 0, 12} {
		fill(r, added+1, added+step)
		added += step
		for {
			list, next, gap := r.read(at, 100)
			total += gap + int64(len(list))
			at = next
			if len(list) == 0 {
				break
			}
		}
	}
	if total != int64(added) {
		t.Errorf("%d read or reported as gaps, %d received", total, added)
	}
}

// TestRingBound checks that the size of the kept events is bounded, and that the last event is kept whatever its size.
func TestRingBound(t *testing.T) {
	r := newRing()
	for range 20 {
		r.add(entry{line: make([]byte, 1<<20)}, true)
	}
	if r.bytes > ringBytes || len(r.entries) != ringBytes>>20 {
		t.Errorf("%d events with %d bytes are kept", len(r.entries), r.bytes)
	}
	r.add(entry{line: make([]byte, ringBytes+1)}, true)
	if len(r.entries) != 1 {
		t.Errorf("%d events are kept with one that is longer than the bound", len(r.entries))
	}
}

// TestRingControl checks that a gap counts received messages only.
func TestRingControl(t *testing.T) {
	r := newRing()
	fill(r, 1, 2)
	for range ringEntries {
		r.add(entry{control: true}, false)
	}
	fill(r, 3, 3)
	_, _, gap := r.read(position{next: 1}, 1)
	if gap != 2 {
		t.Errorf("a gap of %d, want 2", gap)
	}
}

func TestRingAfter(t *testing.T) {
	r := newRing()
	fill(r, 1, ringEntries+10)
	for seq, want := range map[uint64]position{5: {6, 10}, 10: {11, 10}, 20: {21, 20}, ringEntries + 10: {ringEntries + 11, ringEntries + 10}} {
		if got := r.after(seq); got != want {
			t.Errorf("after %d: %+v, want %+v", seq, got, want)
		}
	}
}
