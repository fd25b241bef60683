package client

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/wire"
)

// model records what a session with reconnects sent, what its servers received, and what it reported.
type model struct {
	mu          sync.Mutex // guards the fields below
	sent        int        // messages, with the line numbers 1 to sent
	arrived     []int      // lines in the order in which the server read them
	unconfirmed []int      // lines that the session reported
}

// serve reads messages on one connection until it is lost. It answers Pings only while confirms is set.
func (m *model) serve(p *remote, confirms bool, limit int) {
	for read := 0; read < limit; {
		f, err := p.Next()
		if err != nil {
			return
		}
		switch f.Opcode {
		case wire.Text:
			line, _ := strconv.Atoi(string(f.Payload))
			m.mu.Lock()
			m.arrived = append(m.arrived, line)
			m.mu.Unlock()
			read++
		case wire.Ping:
			if confirms {
				p.QueueControl(wire.Pong, f.Payload)
			}
		case wire.Close:
			p.QueueControl(wire.Close, f.Payload)
			p.Flush()
			return
		}
	}
}

// Handle records what the session reports as unconfirmed.
func (m *model) Handle(e Event) error {
	lines, ok := e.Detail.(*Unconfirmed)
	if !ok {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for line := lines.First; line <= lines.Last; line++ {
		m.unconfirmed = append(m.unconfirmed, line)
	}
	return nil
}

func (m *model) Flush() error { return nil }

// check fails the test unless each line arrived or was reported, and without resend none arrived twice or out of order.
func (m *model) check(t *testing.T, resend bool) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	count := make(map[int]int)
	for _, line := range m.arrived {
		count[line]++
	}
	for line := 1; line <= m.sent; line++ {
		if count[line] == 0 && !slices.Contains(m.unconfirmed, line) {
			t.Errorf("line %d neither arrived nor was reported", line)
		}
		if count[line] > 1 && !resend {
			t.Errorf("line %d arrived %d times", line, count[line])
		}
		if resend && count[line] == 0 {
			t.Errorf("line %d was not sent again", line)
		}
	}
	if !resend && !slices.IsSorted(m.arrived) {
		t.Errorf("arrived out of order: %v", m.arrived)
	}
	if extra := len(count); extra > m.sent {
		t.Errorf("%d different lines arrived, %d were sent", extra, m.sent)
	}
}

// TestRetransmitAgainstAModel runs random sessions: messages, flushes and pauses while connections are cut after random
// numbers of messages, with servers that confirm and servers that do not.
func TestRetransmitAgainstAModel(t *testing.T) {
	for seed := range uint64(60) {
		for _, resend := range []bool{false, true} {
			t.Run(fmt.Sprint(seed, " resend ", resend), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { runRandomSession(t, rand.New(rand.NewPCG(seed, 1)), resend) })
			})
		}
	}
}

func runRandomSession(t *testing.T, random *rand.Rand, resend bool) {
	m := &model{}
	h := newMemoryServer()
	o := Options{Resend: resend, CloseTimeout: time.Minute}
	s, first := h.session(o, m)
	h.peers <- first
	losses := random.IntN(6)
	cuts := make([]int, losses)
	for i := range cuts {
		cuts[i] = 1 + random.IntN(40)
	}
	confirms := random.IntN(4) > 0 || resend // a server that answers no Ping leaves lines unconfirmed for ever
	var serving sync.WaitGroup
	serving.Go(func() { // ended by closing h.peers
		i := 0
		for p := range h.peers {
			if i < losses {
				m.serve(p, confirms, cuts[i])
			} else {
				m.serve(p, true, 1<<30)
			}
			p.Close()
			i++
		}
	})
	result := startRun(s)
	for range 50 + random.IntN(200) {
		m.sent++
		if err := s.Send(Message{Type: Text, Data: []byte(strconv.Itoa(m.sent)), Number: m.sent}); err != nil {
			t.Fatalf("line %d: %v", m.sent, err)
		}
		switch random.IntN(8) {
		case 0:
			s.Flush()
		case 1:
			s.Flush()
			time.Sleep(time.Duration(random.IntN(int(time.Second))))
		case 2:
			s.Ping([]byte("mine"))
		}
	}
	s.Close(1000, "")
	if err := <-result; err != nil && !is[*UnconfirmedError](err) {
		t.Errorf("run: %v", err)
	}
	close(h.peers)
	serving.Wait()
	m.check(t, resend)
}
