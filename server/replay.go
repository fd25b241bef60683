package server

import (
	"bytes"
	"fmt"
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

// check returns an error if the recording cannot be replayed.
func (r *Replay) check() error {
	if slices.ContainsFunc(r.Sessions, func(session []Step) bool { return len(session) > 0 }) {
		return nil
	}
	return usageError("the recording has no message")
}
