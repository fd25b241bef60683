package client

import "time"

// Listening is the address that clients connect to; the Detail of a KindListening event.
type Listening struct{ URL string }

// RejectedClient is a client that was not accepted; the Detail of a KindRejected event.
type RejectedClient struct {
	Remote string // its address
	URI    string // the request URI, not fit for a screen, nor is Err
	Err    error  // why
}

// Attempt is an attempt to connect again after a loss; the Detail of a KindRetry event.
type Attempt struct {
	After   time.Duration // how long until it is made
	Attempt int           // its number, from 1, since a connection last held for a minute
	Err     error         // why the connection was lost, or the last attempt failed
}

// Unconfirmed names lines that were written and may not have arrived; the Detail of a KindUnconfirmed event.
type Unconfirmed struct {
	First, Last int // line numbers, from 1, both included
	Count       int // number of messages
}

// LineNumber is which line a message was sent for, from 1; the Detail of a KindMessage event.
type LineNumber int

// Gap is messages that were received and dropped before they could be read; the Detail of a KindGap event.
type Gap struct{ Count int64 }

// Summary is a session in numbers; the Detail of a KindEnd event.
type Summary struct {
	Exit           int   // the exit code that the end calls for
	Code           int   // the close code; 1005 = none was sent, 1006 = no Close frame came
	Sent, Received int64 // messages
}
