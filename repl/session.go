package repl

import (
	"iter"
	"time"

	"wsx/client"
	"wsx/client/dial"
)

// Session is a session with a server, with the clients that connect, or one of another process. The methods are those of
// *client.Session and documented there.
type Session interface {
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
	Abort(code int, reason string)

	Silence() time.Duration
	Handshake() *dial.Handshake
	Stats() client.Stats
	Summary() client.Summary
}

// sharedSession is a session that other processes use as well: it stays open when this use of it is closed.
type sharedSession interface {
	Session
	// CloseAll closes the session for all processes that use it.
	CloseAll(code int, reason string) error
}
