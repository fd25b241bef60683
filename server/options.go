package server

import (
	"io"
	"net/http"
	"time"
)

// Options select what to serve, where and for which clients. The zero value echoes on 127.0.0.1:8080.
type Options struct {
	Behaviour    string           // "echo" (the default), "broadcast", "clock" or "chat"; see Behaviours
	Addr         string           // HOST:PORT, PORT of 127.0.0.1, or unix:PATH; default 127.0.0.1:8080; port 0 picks a free one
	Every        time.Duration    // interval of the clock, default 10 s
	Subprotocols []string         // in the order of preference; the first that a client offers is chosen
	NoCompress   bool             // do not accept permessage-deflate
	MaxMessage   int64            // largest received message in bytes, else Close 1009; 0 = no limit for echo, 1 MiB otherwise
	Origins      []string         // host patterns of other sites whose pages may connect; "*" = any page
	TLS          TLS              // the zero value serves without TLS
	HTTP2        bool             // serve HTTP/2 as well (RFC 8441), over TLS or with prior knowledge
	HTTP3        bool             // serve HTTP/3 as well (RFC 9220), on the UDP port of the same number; needs TLS
	Replay       *Replay          // replays a recording, instead of a behaviour
	Handler      http.Handler     // serves instead of a behaviour; an extended CONNECT of HTTP/2 or HTTP/3 is converted to an upgrade request of HTTP/1.1
	Log          io.Writer        // receives a line for each connection and each message; nil = no log
	JSON         bool             // log lines are JSON objects
	Now          func() time.Time // the clock, default time.Now

	stall   time.Duration // how long a write to a hub's client that does not read may block, default 10 s
	backlog int64         // bytes that a hub's client may be behind, default 512 KiB
	idle    time.Duration // how long a connection without a request stays open, default 1 min
}
