package repl

import (
	"iter"
	"time"

	"wsx/client"
	"wsx/client/dial"
)

// peer is the other side: a server that we have connected to, or whoever connects to us. It is what *client.Session
// does, whose comments say what each method does.
type peer interface {
	Run() error

	Say(client.Said) error
	SayAll(client.Type, iter.Seq[[]byte]) error
	Send(t client.Type, data []byte) error
	SendPart(t client.Type, data []byte, first, last bool) error
	Answer(t client.Type, data []byte, first, last bool) error
	Ping(data []byte) error
	Pong(data []byte) error
	Flush() error
	RetryNow()

	Close(code int, reason string) error
	Leave(code int, reason string)
	Abandon()

	Silence() time.Duration
	Handshake() *dial.Handshake
	Stats() client.Stats
	Summary() client.Summary
}
