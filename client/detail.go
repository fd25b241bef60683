package client

import "time"

// Listening is the address that clients connect to; the Detail of a KindListening event.
type Listening struct{ URL string }

// RejectedClient is a client that was not accepted; the Detail of a KindRejected event.
type RejectedClient struct {
	Remote string // its address
	URI    string // the request URI; like Err it comes from the client, and must be escaped before it is shown
	Err    error  // why
}

// Attempt is an attempt to connect again after a loss; the Detail of a KindRetry event.
type Attempt struct {
	After   time.Duration // how long until it is made
	Attempt int           // its number, from 1, since a connection last held for a minute
	Err     error         // why the connection was lost, or the last attempt failed
}

// Unconfirmed is a range of lines that were written and may not have arrived; the Detail of a KindUnconfirmed event.
type Unconfirmed struct {
	First, Last int // line numbers, from 1, both included
	Count       int // number of messages
}

// LineNumber is the number, from 1, of the line that a message was made from; the Detail of a KindMessage event.
type LineNumber int

// Gap counts messages that were received and dropped before they could be read; the Detail of a KindGap event.
type Gap struct{ Count int64 }

// Summary has the close code and the counts of a session; the Detail of a KindEnd event.
type Summary struct {
	Exit           int   // the exit code of the program
	Code           int   // the close code received; 1005 = a Close without a code, 1006 = no Close frame (RFC 6455, section 7.4.1)
	Sent, Received int64 // messages
}
