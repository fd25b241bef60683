package repl

import (
	"iter"
	"time"

	"wsx/client"
	"wsx/client/dial"
)

// peerSession is the other side: a server that we have connected to, or whoever connects to us. It is what *client.Session
// does, whose comments say what each method does.
type peerSession interface {
	Run() error

	Send(client.Message) error
	SendAll(client.Type, iter.Seq[[]byte]) error
	SendData(t client.Type, data []byte) error
	SendFragment(t client.Type, data []byte, first, last bool) error
	Reply(t client.Type, data []byte, first, last bool) error
	Ping(data []byte) error
	Pong(data []byte) error
	Flush() error
	RetryNow()

	Close(code int, reason string) error
	CloseNow(code int, reason string)
	Abort()

	Silence() time.Duration
	Handshake() *dial.Handshake
	Stats() client.Stats
	Summary() client.Summary
}
