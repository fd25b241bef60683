package client

import (
	"cmp"
	"time"

	"wsx/client/dial"
)

// Defaults for options left at zero.
const (
	DefaultCloseTimeout = 2 * time.Second
	DefaultReconnectMax = 30 * time.Second
)

// Options configure how a session connects, closes and reconnects. The zero value connects over HTTP/1.1, without a message
// limit, pings or reconnecting.
type Options struct {
	dial.Options

	MaxMessage   int64         // largest received message in bytes, inflated; 0 = no limit
	CloseTimeout time.Duration // how long the peer's Close may take in total; 0 = DefaultCloseTimeout of silence, at most 15 s
	PingInterval time.Duration // send a ping this often; 0 = never
	PingTimeout  time.Duration // the connection is lost when nothing is received for this long after a ping; 0 = no limit
	Reconnect    bool          // connect again after a loss
	ReconnectMax time.Duration // the longest delay between two attempts; 0 = DefaultReconnectMax
	Resend       bool          // send unconfirmed messages again
	ReportSent   bool          // report the messages sent as well, each before it is written
	Trace        bool          // report every frame
}

// CheckSession returns a *dial.UsageError if options of the session are negative or contradict each other. It does not check
// dial.Options.
func (o Options) CheckSession() error {
	for _, conflict := range []struct {
		is       bool
		sentence string
	}{
		{o.PingTimeout != 0 && o.PingInterval == 0, "a ping timeout needs a ping interval"},
		{o.PingInterval < 0, "ping interval must not be negative"},
		{o.PingTimeout < 0, "ping timeout must not be negative"},
		{o.ReconnectMax < 0, "maximum reconnect delay must not be negative"},
		{o.CloseTimeout < 0, "close timeout must not be negative"},
		{o.MaxMessage < 0, "max message must not be negative"},
		{o.Resend && !o.Reconnect, "resend needs reconnect: messages are sent again only after a reconnect"},
	} {
		if conflict.is {
			return &dial.UsageError{Message: conflict.sentence}
		}
	}
	return nil
}

func (o Options) closeTimeout() time.Duration {
	return cmp.Or(o.CloseTimeout, DefaultCloseTimeout)
}
