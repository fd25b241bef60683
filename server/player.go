package server

import (
	"bytes"
	"math"
	"time"

	"wsx/client/wire"
)

var unexpected = closeFrame{closePolicy, "not the recorded message"}

// maxEarlyMessages is how many received messages are queued before the player compares them; then no more are received.
const maxEarlyMessages = 64

func startReplay(o Options) func() func(*peer) error {
	r := o.Replay
	return always(func(p *peer) error {
		session := r.Sessions[(p.id-1)%len(r.Sessions)]
		match := Matcher(matchNext{})
		if r.Match != nil {
			match = r.Match()
		}
		y := &player{peer: p, replay: r, match: match, received: make(chan message, maxEarlyMessages), ended: make(chan struct{})}
		return p.sendAndReceive(func(stop <-chan struct{}) { y.play(session, stop) }, y.receiveAll)
	})
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
