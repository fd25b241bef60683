// Package client is a WebSocket session: connect, send, receive, close, keep alive, reconnect.
//
// Messages connects and returns the received messages, for a loop over whole messages. Dial returns a Session, whose Handler gets every
// event as it happens: fragments of messages, control frames, losses. One goroutine then calls Session.Run, and any goroutine may send.
// What is sent is buffered until Session.Flush.
package client
