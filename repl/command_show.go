package repl

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"wsx/client/dial"
)

// last shows the last message whole: what is longer than the screen is shown where it can be leafed through.
func (c *REPL) last(context.Context, string) error {
	text, err := c.Output.Last()
	switch {
	case err != nil:
		return err
	case len(text) == 0:
		return errors.New("no message has come yet")
	case c.Page != nil && bytes.Count(text, []byte{'\n'}) >= c.Height():
		return c.Page(text)
	}
	return c.Output.Print(text)
}

func (c *REPL) format(_ context.Context, arg string) error {
	return c.Output.Change(func(l *View) { l.Format, l.Template, l.JQ = arg, "", "" })
}

func (c *REPL) timestamps(_ context.Context, arg string) error {
	if arg == "off" {
		arg = ""
	}
	return c.Output.Change(func(l *View) { l.Timestamps = arg })
}

func (c *REPL) trace(_ context.Context, arg string) error {
	if arg != "on" && arg != "off" {
		return errArgument
	}
	c.tracing.Store(arg == "on")
	return nil
}

func (c *REPL) jq(_ context.Context, arg string) error {
	return c.Output.Change(func(l *View) { l.JQ = arg })
}

func (c *REPL) template(_ context.Context, arg string) error {
	return c.Output.Change(func(l *View) { l.Template, l.JQ = arg, "" })
}

func (c *REPL) only(_ context.Context, arg string) error {
	return c.Output.Change(func(l *View) {
		l.Only = strings.Fields(arg)
		l.Options.Sent = slices.Contains(l.Only, "out")
	})
}

func (c *REPL) grep(_ context.Context, arg string) error {
	return c.Output.Change(func(l *View) { l.Grep = arg })
}

func (c *REPL) grepV(_ context.Context, arg string) error {
	return c.Output.Change(func(l *View) { l.GrepV = arg })
}

// record records from now on. A recording that begins in the middle begins with the handshake that is in force.
func (c *REPL) record(ctx context.Context, arg string) error {
	switch arg {
	case "":
		return errArgument
	case "off":
		return c.Output.StopRecord()
	}
	var connected *dial.Handshake
	if c.session.Stats().Uptime > 0 {
		connected = c.session.Handshake()
	}
	return c.Output.Record(ctx, arg, c.Options.ShowSecrets, connected)
}
