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

// Unconfirmed is a range of messages that may not have arrived; the Detail of a KindUnconfirmed event.
type Unconfirmed struct {
	First, Last int // their numbers, from 1, both included; 0 = they have none
	Count       int // number of messages
}

// MessageNumber is the number of a message that was sent with one; the Detail of a KindMessage event.
type MessageNumber int

// Gap counts messages that were received and dropped before they could be read; the Detail of a KindGap event.
type Gap struct{ Count int64 }

// Summary has the close code and the counts of a session.
type Summary struct {
	Code           int   // the close code received; 1005 = a Close without a code, 1006 = no Close frame (RFC 6455, section 7.4.1)
	Sent, Received int64 // messages
}
