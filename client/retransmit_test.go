package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/dial"
)

// How many random sessions TestRetransmitModel runs for each number of senders, with and without Resend.
const (
	modelSessions      = 150
	modelSessionsShort = 30
)

// The kinds of messages of a model. Each payload begins with the kind and a number, and no other message has the same.
const (
	lineKind     = 'l' // with a line number
	plainKind    = 'p' // without one
	repeatKind   = 'r' // sent again first on each further connection
	fragmentKind = 'f' // in fragments
	replyKind    = 'a' // an answer; its number begins with that of the connection of the message that it answers
)

// model is what the senders of a session sent, what its servers read, and what the session reported.
type model struct {
	t       *testing.T
	resend  bool
	ending  modelEnding
	session *Session
	serving sync.WaitGroup // servers
	plans   []plan         // of the connections in turn; the last one for all others

	mu       sync.Mutex // guards the fields below
	messages map[string]*modelMessage
	repeats  []string // keys of the messages sent with Repeat, in the order in which Send has returned
	lines    int      // line numbers so far
	dials    int
	conns    []*modelConn
	reports  []Unconfirmed
	retrying bool // there is no connection, and the session tries to get one
}

// modelEnding is how a session ends.
type modelEnding int

const (
	closesAtTheEnd modelEnding = iota // Close is called when everything was sent
	closesEarly                       // CloseNow is called while messages are sent
	isRefused                         // after a loss no further connection is accepted
)

// modelMessage is a message that a sender has sent.
type modelMessage struct {
	kind        byte
	sender, seq int // its place among the messages of its sender
	line        int // 0 = none
	payload     []byte
	refused     bool // the call returned ErrClosed
}

// modelConn is a connection as its server has seen it.
type modelConn struct {
	plan
	number    int
	opened    time.Time
	repeats   []string  // keys of the messages sent with Repeat before it was dialed
	whole     []string  // keys of the messages that were written to it whole, in their order
	pong      time.Time // when the first Pong of a probe was received by the session; zero = none was
	offered   int       // messages that a Pong which was sent confirms
	confirmed int       // those that a Pong confirms which the session has received
	answered  bool      // the session has received the answer to its Close
	ended     time.Time // when the server closed it, or found it closed
}

// isSilent reports whether the session may have taken the server for one that answers no Ping, and not have kept what it sent.
func (c *modelConn) isSilent() bool {
	pong := c.pong
	if pong.IsZero() {
		pong = c.ended
	}
	return pong.Sub(c.opened) >= pongTimeout
}

// arrived returns the keys of the messages that the server has received, in their order. What follows was lost on the way.
func (c *modelConn) arrived() []string { return c.whole[:min(len(c.whole), c.delivered)] }

// key returns the beginning of a payload that identifies a message.
func key(payload []byte) string {
	k, _, _ := bytes.Cut(payload, []byte(":"))
	return string(k)
}

// newMessage returns a message of a size that is to be sent.
func (m *model) newMessage(kind byte, sender, seq, size int) *modelMessage {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := fmt.Sprintf("%c%d", kind, len(m.messages)+1)
	msg := &modelMessage{kind: kind, sender: sender, seq: seq, payload: append([]byte(k+":"), strings.Repeat(".", size)...)}
	if kind == lineKind {
		m.lines++
		msg.line = m.lines
	}
	m.messages[k] = msg
	return msg
}

// sent records the result of sending a message.
func (m *model) sent(msg *modelMessage, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil && err != ErrClosed {
		m.t.Errorf("send: %v", err)
	}
	msg.refused = err != nil
	if msg.kind == repeatKind && err == nil {
		m.repeats = append(m.repeats, key(msg.payload))
	}
}

// Handle records the messages that the session reports as unconfirmed, and answers those of the server, whole or in fragments.
func (m *model) Handle(e Event) error {
	switch {
	case e.Kind == KindUnconfirmed:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.reports = append(m.reports, *e.Detail.(*Unconfirmed))
	case e.Kind == KindRetry, e.Kind == KindOpen:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.retrying = e.Kind == KindRetry
	case e.Kind == KindMessage && e.Dir == In && len(e.Payload)%2 == 0:
		m.session.Reply(Text, e.Payload, true, true)
	case e.Kind == KindMessage && e.Dir == In:
		m.session.Reply(Text, e.Payload[:1], true, false)
		m.session.Reply(Text, e.Payload[1:], false, true)
	}
	return nil
}

func (m *model) Flush() error { return nil }

// modelSender is a goroutine that sends.
type modelSender struct {
	*model
	number int
	seq    int
	random *rand.Rand
}

// run sends messages at random until it has sent enough, or the session has ended.
func (s *modelSender) run() {
	for range 30 + s.random.IntN(170) {
		if !s.step() {
			return
		}
		s.checkQueue()
	}
}

// step does one thing at random, and reports whether the session goes on.
func (s *modelSender) step() bool {
	switch n := s.random.IntN(100); {
	case n < 40:
		return s.send(lineKind, s.size())
	case n < 50:
		return s.send(plainKind, s.size())
	case n < 53:
		return s.send(repeatKind, 10)
	case n < 63:
		return s.sendFragments()
	case n < 67:
		return s.session.Ping([]byte("mine")) == nil
	case n < 82:
		return s.session.Flush() == nil
	case n < 90:
		s.pause()
	case n < 91 && s.random.IntN(10) == 0:
		return s.sendMany()
	}
	return true
}

// size returns a size of a message: most are short, some do not fit into the queue together.
func (s *modelSender) size() int {
	switch n := s.random.IntN(20); n {
	case 0:
		return s.random.IntN(100_000)
	case 1:
		return s.random.IntN(2000)
	default:
		return n
	}
}

func (s *modelSender) pause() { time.Sleep(time.Duration(s.random.IntN(int(2 * time.Second)))) }

// send sends a whole message, and reports whether the session goes on.
func (s *modelSender) send(kind byte, size int) bool {
	s.seq++
	msg := s.newMessage(kind, s.number, s.seq, size)
	frameSize := 0
	if s.random.IntN(8) == 0 {
		frameSize = 1 + len(msg.payload)/3
	}
	err := s.session.Send(Message{Type: Text, Data: msg.payload, FrameSize: frameSize, Number: msg.line, Repeat: kind == repeatKind})
	s.sent(msg, err)
	return err == nil
}

// sendMany sends as many short messages as the queue holds, and some more.
func (s *modelSender) sendMany() bool {
	for range s.random.IntN(maxQueued + maxQueued/8) {
		if !s.send(lineKind, 0) {
			return false
		}
	}
	return true
}

// sendFragments sends a message in fragments, between which time may pass.
func (s *modelSender) sendFragments() bool {
	s.seq++
	msg := s.newMessage(fragmentKind, s.number, s.seq, 3+s.random.IntN(300))
	rest, fragments := msg.payload, 2+s.random.IntN(3)
	for i := range fragments {
		part := rest[:len(rest)/(fragments-i)]
		rest = rest[len(part):]
		if err := s.session.SendFragment(Text, part, i == 0, i == fragments-1); err != nil {
			s.sent(msg, err)
			return false
		}
		switch s.random.IntN(6) {
		case 0, 1:
			s.pause()
		case 2:
			s.session.Flush()
		case 3:
			s.session.Ping(nil)
		}
	}
	s.sent(msg, nil)
	return true
}

// checkQueue fails the test if the queue holds more than it may.
func (s *modelSender) checkQueue() {
	q := s.session.retransmit
	q.mu.Lock()
	defer q.mu.Unlock()
	count, size := 0, 0
	for _, f := range q.queue {
		if size += len(f.data); f.isMessage() && !f.fragmented { // a Ping between fragments does not wait for room
			count++
		}
	}
	if size != q.size || size >= maxQueuedBytes+110_000 || count > maxQueued || q.sent > len(q.queue) {
		s.t.Errorf("the queue has %d messages, %d of them sent, and %d bytes, counted as %d", count, q.sent, size, q.size)
	}
}

// TestRetransmitModel runs random sessions with servers that are lost at random, and compares what the servers received and what
// the session reported with what was sent.
func TestRetransmitModel(t *testing.T) {
	sessions := uint64(modelSessions)
	if testing.Short() {
		sessions = modelSessionsShort
	}
	for seed := range sessions {
		for _, senders := range []int{1, 2} {
			for _, resend := range []bool{false, true} {
				t.Run(fmt.Sprintf("seed %d, %d senders, resend %v", seed, senders, resend), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { runModel(t, seed, senders, resend) })
				})
			}
		}
	}
}

func runModel(t *testing.T, seed uint64, senders int, resend bool) {
	random := rand.New(rand.NewPCG(seed, 0))
	m := &model{t: t, resend: resend, ending: modelEnding(random.IntN(4) % 3), messages: make(map[string]*modelMessage), plans: newPlans(random)}
	first, err := m.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.session = newSession(first, m.dial, Options{Reconnect: true, Resend: resend, CloseTimeout: time.Minute}, m)
	result := startRun(m.session)
	var sending sync.WaitGroup
	for i := range senders {
		s := &modelSender{model: m, number: i, random: rand.New(rand.NewPCG(seed, uint64(i)+1))}
		sending.Go(s.run)
	}
	if m.ending == closesEarly {
		time.Sleep(time.Duration(random.IntN(int(20 * time.Second))))
		m.session.CloseNow(1000, "")
	}
	sending.Wait()
	m.session.Close(1000, "")
	err = <-result
	m.serving.Wait()
	if err := m.session.SendData(Text, nil); err != ErrClosed {
		t.Errorf("send after the end: %v", err)
	}
	m.checkConns()
	m.checkOrder()
	m.checkReports(err)
}

// dial connects to the next server, or fails.
func (m *model) dial(context.Context) (*dial.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dials++
	p := m.plans[min(len(m.conns), len(m.plans)-1)]
	switch {
	case len(m.conns) == 0:
	case m.ending == isRefused && len(m.conns) >= len(m.plans)-1:
		return nil, refusal(401, 0)
	case m.dials%3 == 0:
		return nil, errRefused
	}
	clientEnd, serverEnd := net.Pipe()
	c := &modelConn{plan: p, number: len(m.conns) + 1, opened: time.Now(), repeats: slices.Clone(m.repeats)}
	m.conns = append(m.conns, c)
	m.serving.Go(func() { m.serve(c, serverEnd) })
	return &dial.Conn{Stream: clientEnd, Handshake: &dial.Handshake{URL: "ws://example.com/"}}, nil
}

// checkConns fails the test unless messages are sent again only where that is promised: those with Repeat, first on each further
// connection, and with Resend those that were unconfirmed.
func (m *model) checkConns() {
	before := make(map[string]bool) // messages that must not be sent again
	var repeats []string            // in their order on the wire
	for _, c := range m.conns {
		seen := make(map[string]bool)
		for i, k := range c.whole {
			if seen[k] || before[k] {
				m.t.Errorf("connection %d: %s again", c.number, k)
			}
			seen[k] = true
			if k[0] == replyKind && !strings.HasPrefix(k, fmt.Sprintf("a%d-", c.number)) {
				m.t.Errorf("connection %d: an answer %s to another connection", c.number, k)
			}
			if sendsAgain := k[0] == repeatKind || m.resend && k[0] != fragmentKind && k[0] != replyKind && i >= c.confirmed; !sendsAgain {
				before[k] = true
			}
		}
		m.checkRepeats(c, repeats)
		for _, k := range c.whole {
			if k[0] == repeatKind && !slices.Contains(repeats, k) {
				repeats = append(repeats, k)
			}
		}
	}
}

// checkRepeats fails the test unless the messages with Repeat come first on a further connection, in their order on those before.
func (m *model) checkRepeats(c *modelConn, order []string) {
	if c.number == 1 {
		return
	}
	n := slices.IndexFunc(c.whole, func(k string) bool { return k[0] != repeatKind })
	isComplete := n >= 0 || c.answered && m.ending == closesAtTheEnd
	if n < 0 {
		n = len(c.whole)
	}
	begin := c.whole[:n]
	for i, k := range order {
		if i < len(begin) && begin[i] != k {
			m.t.Errorf("connection %d begins with %v, the order was %v", c.number, begin, order)
			return
		}
	}
	for _, k := range c.repeats {
		if isComplete && !slices.Contains(begin, k) {
			m.t.Errorf("connection %d: %s, which has Repeat, is not among the first messages %v", c.number, k, begin)
		}
	}
}

// checkOrder fails the test unless the messages of each sender arrive in the order in which they were sent; with Resend that is the
// order in which they first arrive.
func (m *model) checkOrder() {
	last := make(map[int]int) // sender → its last message
	arrived := make(map[string]bool)
	for _, c := range m.conns {
		for _, k := range c.arrived() {
			msg := m.messages[k]
			if arrived[k] || msg == nil || msg.kind == repeatKind {
				continue
			}
			arrived[k] = true
			if msg.seq <= last[msg.sender] {
				m.t.Errorf("connection %d: %s, message %d of sender %d, arrives after message %d", c.number, k, msg.seq, msg.sender, last[msg.sender])
			}
			last[msg.sender] = msg.seq
		}
	}
}

// fate is what has become of a message.
type fate struct {
	arrived bool       // a server has received it
	known   bool       // and the session knows
	last    *modelConn // the last connection to which it was written whole; nil = none
	place   int        // on this connection, from 0
}

// reported returns whether the session must and may report it as unconfirmed: if it was written whole, and its last connection was
// lost before it was confirmed. A message in fragments is also reported if it was not written whole, unless our Close came between
// them, and any other if the session ended while there was no connection.
func (m *model) reported(f fate, msg *modelMessage) (must, may bool) {
	lastConn := m.conns[len(m.conns)-1]
	switch {
	case f.last == nil && msg.kind == fragmentKind:
		mayBeCut := lastConn.answered && m.ending != closesAtTheEnd
		return !msg.refused && !mayBeCut, true
	case f.last == nil:
		return m.retrying && !msg.refused, !lastConn.answered && m.ending != closesAtTheEnd
	case f.last.answered:
		return false, false
	}
	if must = f.place >= f.last.confirmed; msg.kind == repeatKind {
		return !f.known, !f.known
	}
	return must, must || !f.last.pong.IsZero() && f.last.isSilent()
}

// checkReports fails the test unless each message has arrived, or was reported as unconfirmed, or was refused; and unless exactly
// those are reported that were written whole to a lost connection, and not confirmed on it, and not written again later, or that
// waited for a connection when the session ended. Messages that were not written when it ended early, with a connection, were not
// reported.
func (m *model) checkReports(result error) {
	fates := make(map[string]fate)
	for _, c := range m.conns {
		arrived := len(c.arrived())
		for i, k := range c.whole {
			fates[k] = fate{fates[k].arrived || i < arrived, fates[k].known || i < c.confirmed, c, i}
		}
	}
	lastConn := m.conns[len(m.conns)-1]
	most, least := 0, 0
	reports := m.reportedLines()
	for k, msg := range m.messages {
		f := fates[k]
		must, may := m.reported(f, msg)
		if may {
			most++
		}
		if must {
			least++
		}
		if msg.line > 0 && (must && !reports.cover(msg.line) || !may && reports.exact[msg.line]) {
			m.t.Errorf("line %d: reported %v, but it must be %v: %+v", msg.line, reports.exact[msg.line], must, f)
		}
		if isKept := m.resend && must && f.last != nil && msg.kind != fragmentKind && !f.last.isSilent(); isKept && f.last != lastConn && m.ending == closesAtTheEnd {
			m.t.Errorf("%s was not sent again: %+v", k, f)
		}
		isPending := f.last == nil && m.ending != closesAtTheEnd
		if !f.arrived && !must && !msg.refused && !isPending {
			m.t.Errorf("%s, line %d, has neither arrived nor was it reported: %+v", k, msg.line, f)
		}
	}
	if reports.total < least || reports.total > most {
		m.t.Errorf("%d messages were reported, and %d to %d are unconfirmed: %+v", reports.total, least, most, m.reports)
	}
	var unconfirmed *UnconfirmedError
	switch isUnconfirmed := errors.As(result, &unconfirmed); {
	case isUnconfirmed && unconfirmed.Count != reports.total, !isUnconfirmed && reports.total > 0 && m.ending != isRefused:
		m.t.Errorf("run: %v, after %d messages were reported", result, reports.total)
	case !isUnconfirmed && result != nil && m.ending != isRefused:
		m.t.Errorf("run: %v", result)
	}
}

// reportedLines are the lines that were reported as unconfirmed.
type reportedLines struct {
	exact map[int]bool
	vague []Unconfirmed // ranges with lines that are not meant
	total int           // messages
}

// cover reports whether a line was reported, or may be meant by a range.
func (r *reportedLines) cover(line int) bool {
	return r.exact[line] || slices.ContainsFunc(r.vague, func(u Unconfirmed) bool { return u.First <= line && line <= u.Last })
}

// reportedLines returns the lines that were reported, and fails the test if one was reported twice.
func (m *model) reportedLines() *reportedLines {
	r := &reportedLines{exact: make(map[int]bool)}
	for _, u := range m.reports {
		r.total += u.Count
		switch {
		case u.Last == 0: // messages without a line
		case u.First > 0 && u.Count == u.Last-u.First+1: // one that begins with 0 has messages without a line as well
			for line := u.First; line <= u.Last; line++ {
				if r.exact[line] {
					m.t.Errorf("line %d was reported twice", line)
				}
				r.exact[line] = true
			}
		default:
			r.vague = append(r.vague, u)
		}
	}
	return r
}
