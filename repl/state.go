package repl

import (
	"context"
	"sync"
	"sync/atomic"

	"wsx/repl/render"
)

// state is what the goroutines of a REPL share.
type state struct {
	Config
	session    Session
	done       atomic.Bool  // the message that Ending waits for was received
	received   atomic.Int64 // messages received, for Ending
	match      *matchState
	matcher    render.Renderer // decodes messages for match
	latest     latest          // with Interactive
	running    running
	tracing    atomic.Bool
	opened     atomic.Bool             // a session has been opened, or clients can connect
	quitting   atomic.Bool             // Quit was called
	closing    atomic.Bool             // the sender closes the session
	current    atomic.Pointer[Session] // the session, for other goroutines; nil = no session yet
	prompting  atomic.Bool             // a secret is being asked for
	promptTime atomic.Int64            // total time that prompts for secrets took, in nanoseconds
	answers    chan struct{}           // with Lockstep: gets a signal when a whole message was received

	rules        *rules
	lineEndName  atomic.Pointer[string] // a name of LineEndNames
	disconnected atomic.Bool            // there is no connection, and the session reconnects

	dialect    atomic.Pointer[Dialect] // nil = messages are not translated
	sessionCtx context.Context         // ends with the session
	background sync.WaitGroup          // goroutines that use the session, besides those of the sender and the receiver
}
