package server

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"

	"wsx/listener"
)

// Behaviour is one way to serve.
type Behaviour struct {
	Name string
	Help string // what it does, one line

	// start is called once for each server. Its result is called for each client before the opening handshake is accepted, and
	// returns what serves the client after it. The client, and others, may know of the acceptance before that is called.
	start func(Options) func() func(*peer) error
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

const defaultMaxMessage = 1 << 20
