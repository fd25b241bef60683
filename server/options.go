package server

import (
	"io"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Options say what to serve, where and to whom. The zero value echoes on 127.0.0.1:8080.
type Options struct {
	Behaviour    string           // "echo" (the default), "clock" or "chat"; see Behaviours
	Addr         string           // host:port, default 127.0.0.1:8080; port 0 picks a free one
	Every        time.Duration    // how often the clock speaks, default 10 s
	Subprotocols []string         // in our order of preference; the first that a client offers is chosen
	NoCompress   bool             // do not agree to permessage-deflate
	MaxMessage   int64            // bytes a received message may have, else Close 1009; 0 = no bound for echo, 1 MiB otherwise
	Origins      []string         // host patterns of other sites whose pages may connect; "*" lets every page in
	TLS          TLS              // the zero value is none
	HTTP2        bool             // speak HTTP/2 as well (RFC 8441), with TLS or to clients that know it without
	HTTP3        bool             // speak HTTP/3 as well (RFC 9220), on the UDP port of the same number; needs TLS
	Handler      http.Handler     // answers instead of a behaviour; what asks for a WebSocket over HTTP/2 or HTTP/3 looks like an upgrade of HTTP/1.1
	Log          io.Writer        // one line a connection and a message; nil = none
	JSON         bool             // log lines are JSON objects
	Now          func() time.Time // the clock, default time.Now

	stall  time.Duration // how long a chat client may read nothing, default 10 s
	behind int64         // how much it may leave unheard, bytes, default 64 MiB
}

// Behaviour is one way to serve.
type Behaviour struct {
	Name string
	Help string // what it does, one line

	start func(Options) func(*session) error // called once a server, then the result once a client
}

// Behaviours lists what a server can do; the first is the default.
func Behaviours() []Behaviour {
	return []Behaviour{
		{"echo", "answer each message with itself", startEcho},
		{"clock", "say the date and time, at once and then every so often", startClock},
		{"chat", "tell everyone what each one says", startChat},
	}
}

const defaultMaxMessage = 1 << 20

func (o Options) withDefaults() Options {
	if o.Behaviour == "" {
		o.Behaviour = Behaviours()[0].Name
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:8080"
	}
	if o.Every == 0 {
		o.Every = 10 * time.Second
	}
	if o.MaxMessage == 0 && o.Behaviour != "echo" {
		o.MaxMessage = defaultMaxMessage
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.stall == 0 {
		o.stall = 10 * time.Second
	}
	if o.behind == 0 {
		o.behind = 64 << 20
	}
	return o
}

func (o Options) check() (Behaviour, error) {
	switch {
	case o.Every < 0:
		return Behaviour{}, usageError("the clock cannot speak every " + o.Every.String() + ": give a positive time")
	case o.MaxMessage < 0:
		return Behaviour{}, usageError("a message cannot be limited to " + strconv.FormatInt(o.MaxMessage, 10) + " bytes")
	}
	if err := checkAddr(o.Addr); err != nil {
		return Behaviour{}, err
	}
	if o.HTTP3 && !o.TLS.wanted() {
		return Behaviour{}, usageError("HTTP/3 always goes over TLS: give a certificate, or have one made")
	}
	for _, pattern := range o.Origins {
		if _, err := path.Match(pattern, ""); err != nil {
			return Behaviour{}, usageError("origin pattern " + strconv.Quote(pattern) + ": " + err.Error())
		}
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

// checkAddr wants HOST:PORT; whether there is such a host, listening will tell.
func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return usageError("listen on " + strconv.Quote(addr) + ": give HOST:PORT")
	}
	return nil
}
