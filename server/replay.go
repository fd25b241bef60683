package server

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"wsx/client/wire"
)

// Replay sends the server's messages of recorded sessions again, each after the client's messages that preceded it.
type Replay struct {
	Sessions [][]Step        // the first client gets the first, and so on; further clients begin again with the first
	Match    func() Matcher  // called for each client; nil = any message matches
	Speed    float64         // 1 = recorded speed, 2 = twice as fast; 0 = no delays
	Loop     bool            // repeat a session after its end, on the same connection
	Strict   bool            // a message that does not match ends the connection
	Mismatch func(*Mismatch) // called for each message that does not match; with Strict at most once for each connection
}

// Step is one event of a session.
type Step struct {
	Receive bool        // sent by the client
	Opcode  wire.Opcode // Text, Binary, Ping or Close; Text or Binary if sent by the client
	Payload []byte
	After   time.Duration // delay after the previous step
}

// Matcher compares the messages of one client with those that were recorded.
type Matcher interface {
	// Match reports whether a received message matches the recorded one.
	Match(wanted, received []byte) bool
	// Rewrite returns a recorded answer adapted to this client. It does not modify its argument.
	Rewrite(answer []byte) []byte
}

// Mismatch is a received message that does not match the recording.
type Mismatch struct {
	Client   int    // its number in the log
	Wanted   []byte // nil = no message was expected
	Received []byte
}

func (m *Mismatch) Error() string {
	wanted := "no message"
	if m.Wanted != nil {
		wanted = excerpt(string(m.Wanted))
	}
	return fmt.Sprintf("client %d: expected %s, received %s", m.Client, wanted, excerpt(string(m.Received)))
}

// MatchExact returns a Matcher for which a message must be the recorded one, byte for byte.
func MatchExact() Matcher { return matchExact{} }

type matchExact struct{}

func (matchExact) Match(wanted, received []byte) bool { return bytes.Equal(wanted, received) }
func (matchExact) Rewrite(answer []byte) []byte       { return answer }

// matchNext is a Matcher for which any message matches.
type matchNext struct{ matchExact }

func (matchNext) Match(_, _ []byte) bool { return true }

var unexpected = closeFrame{closePolicy, "not the recorded message"}

// maxEarlyMessages is how many received messages are queued before the player compares them; then no more are received.
const maxEarlyMessages = 64

func startReplay(o Options) func(*peer) error {
	r := o.Replay
	return func(p *peer) error {
		session := r.Sessions[(p.id-1)%len(r.Sessions)]
		match := Matcher(matchNext{})
		if r.Match != nil {
			match = r.Match()
		}
		y := &player{peer: p, replay: r, match: match, received: make(chan message, maxEarlyMessages), ended: make(chan struct{})}
		return p.sendAndReceive(func(stop <-chan struct{}) { y.play(session, stop) }, y.receiveAll)
	}
}

// player replays a session to one client. One goroutine receives, another plays.
type player struct {
	*peer
	replay   *Replay
	match    Matcher // belongs to the goroutine that plays
	received chan message
	ended    chan struct{} // closed when the session has ended
}

// receiveAll passes received messages to the player.
func (y *player) receiveAll() error {
	for {
		m, err := y.receive(math.MaxInt)
		if err != nil {
			return err
		}
		m.payload = bytes.Clone(m.payload)
		select {
		case y.received <- m:
		case <-y.ended:
		}
	}
}

// play plays the session until its end, or until stop is closed.
func (y *player) play(session []Step, stop <-chan struct{}) {
	defer close(y.ended)
	for {
		for _, step := range session {
			if !y.runStep(step, stop) {
				return
			}
		}
		if !y.replay.Loop || len(session) == 0 {
			break
		}
	}
	y.await(nil, stop) // until the client closes the connection
}

// runStep performs a step, and reports whether the session continues.
func (y *player) runStep(step Step, stop <-chan struct{}) bool {
	if step.Receive {
		return y.await(&step, stop)
	}
	if y.replay.Speed > 0 {
		select {
		case <-time.After(time.Duration(float64(step.After) / y.replay.Speed)):
		case <-stop:
			return false
		}
	}
	switch step.Opcode {
	case wire.Close:
		code, reason := wire.ParseClose(step.Payload)
		y.close(closeFrame{code, string(reason)})
		return false
	case wire.Ping:
		return y.conn.WriteControl(wire.Ping, step.Payload) == nil && y.conn.Flush() == nil
	}
	return y.send(step.Opcode, y.match.Rewrite(step.Payload)) == nil && y.conn.Flush() == nil
}

// await waits for the message of a step; nil = no message is expected. It reports whether it was received.
func (y *player) await(step *Step, stop <-chan struct{}) bool {
	for {
		var m message
		select {
		case m = <-y.received:
		case <-stop:
			return false
		}
		if step != nil && (m.opcode == step.Opcode || y.replay.Match == nil) && y.match.Match(step.Payload, m.payload) {
			return true
		}
		mismatch := &Mismatch{Client: y.id, Received: m.payload}
		if step != nil {
			mismatch.Wanted = step.Payload
		}
		if y.replay.Strict {
			y.close(unexpected)
		}
		if y.replay.Mismatch != nil {
			y.replay.Mismatch(mismatch)
		}
		if y.replay.Strict {
			return false
		}
	}
}

// check returns an error if the recording cannot be replayed.
func (r *Replay) check() error {
	if slices.ContainsFunc(r.Sessions, func(session []Step) bool { return len(session) > 0 }) {
		return nil
	}
	return usageError("the recording has no message")
}
