package load

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/wire"
	"wsx/load/report"
)

// measure runs a load in virtual time.
func measure(t *testing.T, s *testServer, o Options) *report.Report {
	t.Helper()
	var rep *report.Report
	synctest.Test(t, func(t *testing.T) {
		o.Dial, o.Sleep = s.dial, time.Sleep
		if o.Message == nil {
			o.Message = SizedMessage(32, false)
		}
		var err error
		if rep, err = Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		s.serving.Wait()
	})
	return rep
}

// near reports whether two times are within percent of each other.
func near(got, want, percent float64) bool { return math.Abs(got-want) <= want*percent/100 }

// TestKnownDistribution: delays with an exponential distribution are measured with that distribution.
func TestKnownDistribution(t *testing.T) {
	const mean = 10 * time.Millisecond
	var served atomic.Uint64
	s := &testServer{handle: func(p *peer, payload []byte) {
		time.Sleep(time.Duration(-math.Log(1-vanDerCorput(served.Add(1))) * float64(mean)))
		p.send(payload)
	}}
	rep := measure(t, s, Options{Scenario: "echo", Connections: 200, Rate: 1000, Duration: 20 * time.Second, Warmup: time.Second})
	if rep.Sent != 20_000 || rep.Received != rep.Sent || rep.FailedCount() != 0 {
		t.Errorf("sent %d, received %d, errors %v; want 20000 and no errors", rep.Sent, rep.Received, rep.Errors)
	}
	for _, q := range []struct {
		name      string
		got, part float64
	}{{"p50", rep.Latency.P50, .5}, {"p90", rep.Latency.P90, .9}, {"p99", rep.Latency.P99, .99}, {"p99.9", rep.Latency.P999, .999}} {
		if want := -math.Log(1-q.part) * 10; !near(q.got, want, 3) {
			t.Errorf("%s is %.2f ms, want %.2f ms", q.name, q.got, want)
		}
	}
}

// vanDerCorput returns an element of the van der Corput sequence, which fills the interval from 0 to 1 evenly.
func vanDerCorput(n uint64) float64 {
	value, half := 0.0, 0.5
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			value += half
		}
		half /= 2
	}
	return value
}

// TestStall: if the server stalls for 500 ms, the open model shows it, and the closed model hides it.
func TestStall(t *testing.T) {
	rates := []float64{0, 1000, 5000}
	if testing.Short() {
		rates = rates[:2]
	}
	for _, rate := range rates {
		var began, stalled atomic.Int64
		s := &testServer{handle: func(p *peer, payload []byte) {
			now := time.Now().UnixNano()
			began.CompareAndSwap(0, now)
			from := began.Load() + int64(2*time.Second)
			if to := from + int64(500*time.Millisecond); now >= from && now < to {
				stalled.Add(1)
				time.Sleep(time.Duration(to - now))
			}
			time.Sleep(time.Millisecond)
			p.send(payload)
		}}
		rep := measure(t, s, Options{Scenario: "echo", Connections: 50, Rate: rate, Duration: 5 * time.Second})
		if stalled.Load() == 0 {
			t.Fatal("the server did not stall")
		}
		if rate > 0 && (rep.Latency.P99 < 450 || rep.Latency.P99 > 505) {
			t.Errorf("at %v/s the p99 is %v ms, want 450 to 505", rate, rep.Latency.P99)
		}
		if rate == 0 && (rep.Latency.P99 > 10 || rep.Model != "closed") {
			t.Errorf("the %s model has a p99 of %v ms, which it cannot see", rep.Model, rep.Latency.P99)
		}
	}
}

// TestReceiverWithoutMessages: if one receiver of a room receives nothing, exactly the others are counted as reached.
func TestReceiverWithoutMessages(t *testing.T) {
	const receivers = 20
	for _, rate := range []float64{100, 0} {
		s := &testServer{}
		s.handle = func(from *peer, payload []byte) {
			for _, p := range s.all() {
				if p.n != 7 {
					p.send(append([]byte("someone says: "), payload...))
				}
			}
		}
		rep := measure(t, s, Options{
			Scenario: "fanout", Connections: receivers, Senders: 2, Rate: rate, Duration: 5 * time.Second, Message: MarkedMessage(64, false),
		})
		if rep.Sent == 0 || rep.Reach.Expected != rep.Sent*receivers || rep.Reach.Received != rep.Sent*(receivers-1) {
			t.Errorf("sent %d, reach %+v, want %d of %d receivers", rep.Sent, rep.Reach, receivers-1, receivers)
		}
		if rep.Reach.Repeated != 0 {
			t.Errorf("%d repeated", rep.Reach.Repeated)
		}
	}
}

// TestReceive: of messages that a server sends unasked, the time between two is measured.
func TestReceive(t *testing.T) {
	s := &testServer{opened: func(p *peer) {
		for n := range 90 {
			if n != 50 {
				p.send([]byte{byte('0' + n/10), byte('0' + n%10)})
			}
			time.Sleep(100 * time.Millisecond)
			if n == 70 {
				time.Sleep(2 * time.Second)
			}
		}
	}}
	rep := measure(t, s, Options{
		Scenario: "receive", Connections: 3, Duration: 12 * time.Second, Warmup: time.Second,
		Key: func(payload []byte) (string, bool) { return string(payload), true },
	})
	if !near(rep.Latency.P50, 100, 1) || !near(rep.Latency.Max, 2100, 1) || rep.Model != "none" {
		t.Errorf("times between messages: %+v, model %s", rep.Latency, rep.Model)
	}
	if rep.Gaps.Missing != 3 || rep.Gaps.Pauses != 3 {
		t.Errorf("gaps %+v, want 3 missing and 3 pauses", rep.Gaps)
	}
}

// TestPairedByKey: replies in another order are paired with their messages by a key.
func TestPairedByKey(t *testing.T) {
	s := &testServer{handle: func(p *peer, payload []byte) {
		delay := 10 * time.Millisecond
		if payload[len(payload)-1]%2 == 0 {
			delay = 50 * time.Millisecond
		}
		go func() {
			time.Sleep(delay)
			p.send(payload)
		}()
	}}
	message, err := ParseMessage("{{.Conn}}-{{.Seq}}", false)
	if err != nil {
		t.Fatal(err)
	}
	rep := measure(t, s, Options{
		Scenario: "echo", Connections: 1, Rate: 100, Duration: 5 * time.Second, Message: message,
		Key: func(payload []byte) (string, bool) { return string(payload), true },
	})
	if !near(rep.Latency.P90, 50, 3) || !near(float64(rep.Distribution().Percentile(40)), 1e7, 3) || rep.Received != 500 {
		t.Errorf("%d replies, latency %+v, want half at 10 ms and half at 50 ms", rep.Received, rep.Latency)
	}
}

// TestLostServer: if the server ends all connections, the run ends, and what was measured is reported.
func TestLostServer(t *testing.T) {
	s := &testServer{}
	var served atomic.Int64
	s.handle = func(p *peer, payload []byte) {
		if served.Add(1) == 300 {
			for _, p := range s.all() {
				go p.Close()
			}
		}
		p.send(payload)
	}
	rep := measure(t, s, Options{Scenario: "echo", Connections: 10, Rate: 100, Duration: time.Minute})
	if rep.Lost != 10 || !rep.MostlyLost() || rep.Errors["lost"] < 10 {
		t.Errorf("%d lost, errors %v", rep.Lost, rep.Errors)
	}
	if rep.Seconds > 4 || rep.Received < 290 {
		t.Errorf("%v s measured, %d received", rep.Seconds, rep.Received)
	}
}

// TestClosed: when a server closes all connections, its code and reason are reported.
func TestClosed(t *testing.T) {
	s := &testServer{handle: func(p *peer, _ []byte) {
		p.WriteControl(wire.Close, wire.ClosePayload(3501, "bad \x1b request"))
		p.Flush()
	}}
	rep := measure(t, s, Options{Scenario: "echo", Connections: 3, Rate: 100, Duration: time.Minute})
	const want = `load : 3 of 3 connections were lost or could not be opened; the server sent Close 3501 "bad \x1b request"`
	if err := Verdict(rep); err == nil || err.Error() != want || rep.Errors["close"] != 3 {
		t.Errorf("%v, errors %v; want %s", err, rep.Errors, want)
	}
}

// TestUnanswered: a message without a reply is an error, and its latency is the time that the run waited for it.
func TestUnanswered(t *testing.T) {
	var served atomic.Int64
	s := &testServer{handle: func(p *peer, payload []byte) {
		if served.Add(1)%100 != 0 {
			p.send(payload)
		}
	}}
	message, _ := ParseMessage("{{.Seq}}", false)
	rep := measure(t, s, Options{
		Scenario: "echo", Connections: 1, Rate: 100, Duration: 5 * time.Second, Message: message,
		Key: func(payload []byte) (string, bool) { return string(payload), true },
	})
	if rep.Distribution().Percentile(99.1) < replyTimeout {
		t.Errorf("messages without a reply do not count: %+v", rep.Latency)
	}
	if rep.Errors["timeout"] != 5 || rep.Received != 495 {
		t.Errorf("errors %v, %d received; want 5 timeouts of 500", rep.Errors, rep.Received)
	}
}

// TestLateClient: what was due is sent, however late this program is, and the delay is reported.
func TestLateClient(t *testing.T) {
	s := &testServer{handle: (*peer).send}
	synctest.Test(t, func(t *testing.T) {
		rep, err := Run(t.Context(), Options{
			Scenario: "echo", Rate: 100, Duration: time.Second, Message: SizedMessage(32, false), Dial: s.dial,
			Sleep: func(time.Duration) { time.Sleep(300 * time.Millisecond) },
		})
		s.serving.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if rep.Sent != 100 || rep.Received != 100 || rep.Late.Max < 250 || rep.Latency.Max < 250 || !rep.LateClient() {
			t.Errorf("sent %d, received %d, late %+v, latency %+v", rep.Sent, rep.Received, rep.Late, rep.Latency)
		}
	})
}

// TestLateStart: the due times count from the beginning of the run, however late the first message is sent.
func TestLateStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRun(Options{Rate: 50, Warmup: time.Second, Duration: 200 * time.Millisecond, Sleep: time.Sleep}.withDefaults())
		stopTicks := r.startMeasuring()
		defer stopTicks()
		time.Sleep(30 * time.Millisecond)
		all, measured := 0, 0
		r.pace(t.Context(), r.Rate, func(_ int, at int64) {
			all++
			if r.measured(at) {
				measured++
			}
		})
		if all != 60 || measured != 10 {
			t.Errorf("%d messages were due, %d of them measured; want 60 and 10", all, measured)
		}
	})
}

// TestSilentServer: in the closed model, too, a server that does not answer is reported.
func TestSilentServer(t *testing.T) {
	s := &testServer{handle: func(*peer, []byte) {}}
	rep := measure(t, s, Options{Scenario: "echo", Connections: 3, Duration: time.Second, Warmup: time.Second})
	if rep.Errors["timeout"] != 3 || rep.Received != 0 || rep.Unanswered != 3 || rep.Latency.P50 < 3000 {
		t.Errorf("errors %v, %d received, %d unanswered, latency %+v", rep.Errors, rep.Received, rep.Unanswered, rep.Latency)
	}
	var unmeasured *UnmeasuredError
	if err := Verdict(rep); !errors.As(err, &unmeasured) {
		t.Errorf("%v, want that nothing was answered", err)
	}
}

// TestBusyServer: a server that answers only what was sent before the measured time is not reported as one that does not answer.
func TestBusyServer(t *testing.T) {
	rep := &report.Report{URL: "ws://h", Scenario: "echo", Sent: 300_000, Unanswered: 300_000, Rate: 947, Connections: 10, Opened: 10}
	want := "load ws://h: no message was answered in time: the server is still busy with earlier ones, of which it answers 947 a second"
	if err := Verdict(rep); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// TestNotOpened: connections that could not be opened count as lost.
func TestNotOpened(t *testing.T) {
	s := &testServer{handle: (*peer).send}
	synctest.Test(t, func(t *testing.T) {
		rep, err := Run(t.Context(), Options{
			Scenario: "echo", Connections: 5, Rate: 100, Duration: time.Second, Message: SizedMessage(32, false), Sleep: time.Sleep,
			Dial: func(ctx context.Context, n int) (Opened, error) {
				if n > 1 {
					return Opened{}, errors.New("full")
				}
				return s.dial(ctx, n)
			},
		})
		s.serving.Wait()
		var lost *LostError
		if err != nil || !errors.As(Verdict(rep), &lost) || lost.Lost != 3 || lost.Connections != 5 {
			t.Errorf("%v, %v", err, Verdict(rep))
		}
	})
}

// TestInterruptedOpening: an interrupt before a connection is open is not reported as a failure to connect.
func TestInterruptedOpening(t *testing.T) {
	for _, o := range []Options{{Scenario: "echo"}, {Scenario: "fanout", Rate: 1}, {Scenario: "connect"}, {Scenario: "connect", Rate: 5}, {Scenario: "receive"}} {
		ctx, cancel := context.WithCancel(t.Context())
		o.Message = SizedMessage(MarkSize, false)
		o.Dial = func(ctx context.Context, _ int) (Opened, error) {
			cancel()
			return Opened{}, context.Cause(ctx)
		}
		rep, err := Run(ctx, o)
		if err != nil || !rep.Interrupted || rep.Opened != 0 || rep.Received != 0 {
			t.Errorf("%s: %v, %+v", o.Scenario, err, rep)
		}
	}
}

// TestInterrupted: an interrupted run reports what was measured until then.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &testServer{handle: (*peer).send}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		rep, err := Run(ctx, Options{Scenario: "echo", Rate: 100, Duration: time.Hour, Warmup: time.Second, Message: SizedMessage(32, false), Dial: s.dial, Sleep: time.Sleep})
		if err != nil {
			t.Fatal(err)
		}
		s.serving.Wait()
		if !rep.Interrupted || !near(rep.Seconds, 2, 1) || rep.Received < 190 || rep.FailedCount() != 0 {
			t.Errorf("interrupted %v after %v s, %d received, errors %v", rep.Interrupted, rep.Seconds, rep.Received, rep.Errors)
		}
	})
}
