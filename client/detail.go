package client

import "time"

// Listening is where clients find us; the Detail of a KindListening event.
type Listening struct{ URL string }

// RejectedClient is a client that was not accepted; the Detail of a KindRejected event.
type RejectedClient struct {
	Remote string // its address
	URI    string // what it asked for, not fit for a screen, nor is the reason
	Err    error  // why
}

// Attempt is the try to connect that follows a loss; the Detail of a KindRetry event.
type Attempt struct {
	After   time.Duration // how long until it begins
	Attempt int           // which one since the session was last healthy for a minute, from 1
	Err     error         // what made it necessary
}

// Unconfirmed names lines that were written and may not have arrived; the Detail of a KindUnconfirmed event.
type Unconfirmed struct {
	First, Last int // line numbers, from 1, both included
	Count       int // how many messages
}

// Summary is how a session went; the Detail of a KindEnd event.
type Summary struct {
	Exit           int   // the exit code that the end calls for
	Code           int   // the close code; 1005 = none was sent, 1006 = no Close frame came
	Sent, Received int64 // messages
}
