package load

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wsx/load/report"
)

// bucket limits the rate of a server: each message takes a token, and tokens arrive at a rate.
type bucket struct {
	rate float64

	mu   sync.Mutex // guards the field below
	next time.Time  // when the next token arrives
}

// take waits for a token.
func (b *bucket) take() {
	b.mu.Lock()
	now := time.Now()
	if b.next.Before(now) {
		b.next = now
	}
	wait := b.next.Sub(now)
	b.next = b.next.Add(time.Duration(float64(time.Second) / b.rate))
	b.mu.Unlock()
	time.Sleep(wait)
}

// TestFind finds the capacity of a server within 5 %, whatever rate it starts at.
func TestFind(t *testing.T) {
	capacities := []float64{150, 730, 3000}
	if testing.Short() {
		capacities = capacities[:1] // each takes a second or two
	}
	for _, capacity := range capacities {
		for _, start := range []float64{100, 2000} {
			t.Run(fmt.Sprint(capacity, start), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					rep, steps := findCapacity(t, capacity, start)
					if !near(rep.Found, capacity, 5) {
						t.Errorf("found %v, want %v; steps %+v", rep.Found, capacity, rep.Search)
					}
					if steps > 20 || steps != len(rep.Search) {
						t.Errorf("%d steps, %d reported", steps, len(rep.Search))
					}
				})
			})
		}
	}
}

func findCapacity(t *testing.T, capacity, start float64) (rep *report.Report, steps int) {
	t.Helper()
	objectives, err := report.ParseObjectives("p99<50ms,errors<0.1%")
	if err != nil {
		t.Fatal(err)
	}
	rep, err = Find(t.Context(), Search{
		Objectives: objectives, Start: start,
		Step: func(int, float64) { steps++ },
		Measure: func(ctx context.Context, rate float64, duration time.Duration) (*report.Report, error) {
			if want := max(5, 1000/rate); duration.Seconds() < want-.01 {
				t.Errorf("a step at %v/s takes %v", rate, duration)
			}
			b := &bucket{rate: capacity}
			s := &testServer{handle: func(p *peer, payload []byte) {
				b.take()
				p.send(payload)
			}}
			defer s.serving.Wait()
			return Run(ctx, Options{
				Scenario: "echo", Connections: 50, Rate: rate, Duration: duration, Warmup: time.Second,
				Message: SizedMessage(32, false), Dial: s.dial, Sleep: time.Sleep,
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep, steps
}

// TestFindEnds: a search ends if no value keeps the objectives, if all values do, and if its result misses them when measured again.
func TestFindEnds(t *testing.T) {
	objectives, _ := report.ParseObjectives("max<10ms")
	for _, c := range []struct {
		name    string
		latency func(step int, value float64) time.Duration
		found   float64
	}{
		{"nothing is kept", func(int, float64) time.Duration { return time.Second }, 0},
		{"all is kept", func(int, float64) time.Duration { return time.Millisecond }, 40_000},
		{"not again", func(step int, value float64) time.Duration {
			if value < 1000 && step < 9 {
				return time.Millisecond
			}
			return time.Second
		}, 0},
	} {
		steps := 0
		rep, err := Find(t.Context(), Search{
			Objectives: objectives, Start: 200, Highest: 40_000,
			Measure: func(_ context.Context, value float64, _ time.Duration) (*report.Report, error) {
				steps++
				h := report.NewHistogram()
				h.Record(c.latency(steps, value))
				rep := &report.Report{Rate: value}
				return rep, rep.SetHistograms(h, report.NewHistogram())
			},
		})
		if err != nil || rep.Found != c.found || steps > 50 {
			t.Errorf("%s: found %v after %d steps (%v), want %v", c.name, rep.Found, steps, err, c.found)
		}
	}
}

// TestOpenOften: few connections are opened often enough for 1,000 samples, and held the last time.
func TestOpenOften(t *testing.T) {
	s := &testServer{handle: (*peer).send}
	synctest.Test(t, func(t *testing.T) {
		began, runs := time.Now(), 0
		rep, err := OpenOften(t.Context(), 150, 5*time.Second, func(ctx context.Context, holdTime time.Duration) (*report.Report, error) {
			runs++
			return Run(ctx, Options{Scenario: "connect", Connections: 150, Duration: holdTime, Message: SizedMessage(32, false), Dial: s.dial, Sleep: time.Sleep})
		})
		s.serving.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); rep.Distribution().Count() != 1050 || rep.Connections != 150 || runs != 7 || took < 5*time.Second || took > 6*time.Second {
			t.Errorf("%d samples of %d connections in %d runs, in %v", rep.Distribution().Count(), rep.Connections, runs, took)
		}
	})
}
