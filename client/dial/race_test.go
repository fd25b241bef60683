package dial

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
)

// raceResult is the result for the address "wins", "fails", "hangs" or "late", which connects once it was cancelled.
type raceResult struct {
	address string
	dropped *atomic.Int32
}

func (e raceResult) done() bool { return e.address == "wins" || e.address == "late" }

func (e raceResult) drop() { e.dropped.Add(1) }

func TestRace(t *testing.T) {
	for _, c := range []struct {
		addresses, first string
		dropped          int32 // results dropped, of attempts that were begun
	}{
		{"wins", "wins", 0},
		{"wins fails", "wins", 0},
		{"fails wins", "wins", 0},
		{"hangs wins", "wins", 1},
		{"late hangs fails wins hangs", "wins", 2},
		{"fails unreachable", "fails", 0},
	} {
		var dropped atomic.Int32
		got := race(t.Context(), strings.Fields(c.addresses), func(ctx context.Context, address string) raceResult {
			if address == "hangs" || address == "late" {
				<-ctx.Done()
			}
			return raceResult{address, &dropped}
		})
		if got.address != c.first || dropped.Load() != c.dropped {
			t.Errorf("%s: %s won, and %d were dropped; wanted %s and %d", c.addresses, got.address, dropped.Load(), c.first, c.dropped)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := race(ctx, []string{"hangs", "hangs"}, func(ctx context.Context, address string) raceResult {
		<-ctx.Done()
		return raceResult{address: address, dropped: new(atomic.Int32)}
	}); got.done() {
		t.Errorf("%+v", got)
	}
}

func TestInterleaved(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"1", "1"}, {"1 2", "1 2"}, {"a: b: c: 1 2", "a: 1 b: 2 c:"}, {"1 a: b: c:", "1 a: b: c:"}, {"1 2 a:", "1 a: 2"},
	} {
		if got := strings.Join(interleaved(strings.Fields(c.given)), " "); got != c.want {
			t.Errorf("%s: %s, wanted %s", c.given, got, c.want)
		}
	}
}
