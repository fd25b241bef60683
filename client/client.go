// Package client is a WebSocket session: connect, send, receive, close, keep alive, reconnect. It reports events to a Handler.
package client
