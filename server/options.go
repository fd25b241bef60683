package server

import (
	"cmp"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"wsx/listener"
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

// Behaviour is one way to serve.
type Behaviour struct {
	Name string
	Help string // what it does, one line

	start func(Options) func(*peer) error // called once for each server; its result is called once for each client
}

// Behaviours lists what a server can do; the first is the default.
func Behaviours() []Behaviour {
	return []Behaviour{
		{"echo", "answer each message with itself", startEcho},
		{"broadcast", "send each message, as it is, to all other clients", startBroadcast},
		{"clock", "send the date and time, at once and at an interval", startClock},
		{"chat", "send each client's messages to all clients, with the sender's name", startChat},
	}
}

const defaultMaxMessage = 1 << 20

func (o Options) withDefaults() Options {
	o.Behaviour = cmp.Or(o.Behaviour, Behaviours()[0].Name)
	o.Addr = cmp.Or(o.Addr, "127.0.0.1:8080")
	o.Every = cmp.Or(o.Every, 10*time.Second)
	if o.Behaviour != "echo" {
		o.MaxMessage = cmp.Or(o.MaxMessage, defaultMaxMessage)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.stall = cmp.Or(o.stall, stallLimit)
	o.backlog = cmp.Or(o.backlog, maxBacklog)
	o.idle = cmp.Or(o.idle, idleTimeout)
	return o
}

func (o Options) check() (Behaviour, error) {
	switch {
	case o.Every < 0:
		return Behaviour{}, usageError("the interval of the clock must be positive, not " + o.Every.String())
	case o.MaxMessage < 0:
		return Behaviour{}, usageError("max message must not be negative: " + strconv.FormatInt(o.MaxMessage, 10))
	}
	network, _, err := listener.Parse(o.Addr)
	if err != nil {
		return Behaviour{}, &Error{Usage, err}
	}
	if o.HTTP3 && network == "unix" {
		return Behaviour{}, usageError("HTTP/3 uses UDP, which does not work over a unix socket")
	}
	if o.HTTP3 && !o.TLS.enabled() {
		return Behaviour{}, usageError("HTTP/3 needs TLS: give a certificate, or have one generated")
	}
	for _, pattern := range o.Origins {
		if _, err := path.Match(pattern, ""); err != nil {
			return Behaviour{}, usageError("origin pattern " + strconv.Quote(pattern) + ": " + err.Error())
		}
	}
	if o.Replay != nil {
		if err := o.Replay.check(); err != nil {
			return Behaviour{}, err
		}
		return Behaviour{start: startReplay}, o.TLS.check()
	}
	var names []string
	for _, known := range Behaviours() {
		if known.Name == o.Behaviour {
			return known, o.TLS.check()
		}
		names = append(names, known.Name)
	}
	return Behaviour{}, usageError("unknown behaviour " + strconv.Quote(o.Behaviour) + ": choose " + strings.Join(names, ", "))
}
