package client

import (
	"context"
	"errors"
	"io"
	"time"

	"wsx/client/wire"
)

// errTooSlow ends the context of a dial whose Options.ConnectTimeout ran out.
var errTooSlow = errors.New("connect timeout")

// upgraded is what connecting yields: a stream that begins with the first frame, and what was agreed about it.
type upgraded struct {
	stream    io.ReadWriteCloser
	handshake *Handshake
	deflate   *wire.Deflate // nil = not agreed
}

// connect makes a dialer and dials once.
func connect(ctx context.Context, url string, o Options) (*upgraded, error) {
	d, err := newDialer(url, o)
	if err != nil {
		return nil, err
	}
	return d.connect(ctx)
}

// dialer knows all that connecting to a URL needs, so that it can be done again without asking or reading files twice.
type dialer struct {
	options Options
	target  Target
}

// newDialer checks the URL and the options. Its errors are of type *UsageError, or about a file or an answer that is missing.
func newDialer(url string, o Options) (*dialer, error) {
	target, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return &dialer{options: o, target: target}, nil
}

// connect opens a connection and upgrades it. Its error is a *DialError, or the cause that ended ctx.
func (d *dialer) connect(ctx context.Context) (*upgraded, error) {
	if timeout := d.options.connectTimeout(); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTooSlow)
		defer cancel()
	}
	a := &attempt{options: d.options, target: d.target, handshake: &Handshake{URL: d.target.String()}, now: time.Now}
	return a.run(ctx)
}
