package load

import (
	"cmp"
	"context"
	"time"

	"wsx/client/dial"
	"wsx/dialect"
	"wsx/load/report"
)

// Defaults for options left at zero.
const (
	DefaultConnections = 10
	DefaultDuration    = 10 * time.Second
	DefaultSize        = 32
	DefaultRate        = 200 // at which a search begins, per second
)

// Bounds of the load of one process.
const (
	MaxSize = 64 << 20  // bytes of a message
	MaxRate = 1_000_000 // messages a second
)

// Options describes a run. Dial and Message must be set.
type Options struct {
	URL         string        // for the report
	Scenario    string        // the name of one of Scenarios
	Connections int           // 0 = DefaultConnections; of fanout those that only receive
	Senders     int           // of fanout, besides the receivers; 0 = 1
	Ramp        time.Duration // over which the connections are opened
	Warmup      time.Duration // before measuring begins
	Duration    time.Duration // of measuring; 0 = DefaultDuration
	Rate        float64       // messages per second over all connections, or connections per second; 0 = the closed model
	Message     *Message
	MaxMessage  int64 // bytes a received message may have; 0 = no bound

	// Key returns the part of a message that its reply has as well; nil = replies come in the order of the messages. It is
	// called from several goroutines at once.
	Key     func(payload []byte) (key string, ok bool)
	Pairing string // how replies are paired, for the report; "" = as the other options determine

	// Dial opens connection n, from 0. After the first call has returned, it is called from several goroutines at once.
	Dial     func(ctx context.Context, n int) (Opened, error)
	Opening  []*Verb             // of the dialect: used once on each connection, after its login
	Verb     *Verb               // of the dialect, used for each message; nil = none
	Progress func(report.Tick)   // called twice a second; nil = it is not called
	Sleep    func(time.Duration) // how the pacer sleeps; nil = as precisely as the system can
}

func (o Options) withDefaults() Options {
	o.Connections = cmp.Or(o.Connections, DefaultConnections)
	o.Duration = cmp.Or(o.Duration, DefaultDuration)
	o.Senders = cmp.Or(o.Senders, 1)
	if o.Sleep == nil {
		o.Sleep = preciseSleep
	}
	if o.Progress == nil {
		o.Progress = func(report.Tick) {}
	}
	if o.Pairing == "" && o.Scenario == "echo" {
		o.Pairing = "by order"
		if o.Key != nil {
			o.Pairing = "by an expression"
		}
		if o.Verb != nil {
			o.Pairing = "by the dialect"
		}
	}
	return o
}

// Opened is a connection that Dial has opened.
type Opened struct {
	*dial.Conn
	State *dialect.State // of the dialect; nil = none
}
