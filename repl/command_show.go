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
func (c *Conversation) last(context.Context, string) error {
	text, err := c.Display.Last()
	switch {
	case err != nil:
		return err
	case len(text) == 0:
		return errors.New("no message has come yet")
	case c.Page != nil && bytes.Count(text, []byte{'\n'}) >= c.Height():
		return c.Page(text)
	}
	return c.Display.Print(text)
}

func (c *Conversation) format(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) { l.Format, l.Template, l.JQ = arg, "", "" })
}

func (c *Conversation) timestamps(_ context.Context, arg string) error {
	if arg == "off" {
		arg = ""
	}
	return c.Display.Change(func(l *Look) { l.Timestamps = arg })
}

func (c *Conversation) trace(_ context.Context, arg string) error {
	if arg != "on" && arg != "off" {
		return errArgument
	}
	c.tracing.Store(arg == "on")
	return nil
}

func (c *Conversation) jq(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) { l.JQ = arg })
}

func (c *Conversation) template(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) { l.Template, l.JQ = arg, "" })
}

func (c *Conversation) only(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) {
		l.Only = strings.Fields(arg)
		l.Options.Sent = slices.Contains(l.Only, "out")
	})
}

func (c *Conversation) grep(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) { l.Grep = arg })
}

func (c *Conversation) grepV(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) { l.GrepV = arg })
}

// record records from now on. A recording that begins in the middle begins with the handshake that is in force.
func (c *Conversation) record(_ context.Context, arg string) error {
	switch arg {
	case "":
		return errArgument
	case "off":
		return c.Display.Record("", false, nil)
	}
	var connected *dial.Handshake
	if c.session.Stats().Uptime > 0 {
		connected = c.session.Handshake()
	}
	return c.Display.Record(arg, c.Options.ShowSecrets, connected)
}
