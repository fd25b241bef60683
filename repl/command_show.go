package repl

import (
	"context"
)

func (c *Conversation) last(context.Context, string) error { return c.Display.Last() }

func (c *Conversation) format(_ context.Context, arg string) error {
	return c.Display.Change(func(l *Look) { l.Format = arg })
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
