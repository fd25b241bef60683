package repl

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"wsx/client/dial"
	"wsx/repl/input"
)

// last shows the last message whole, in the pager if it is longer than the screen.
func (c *sender) last(context.Context, string) error {
	text, err := c.Output.Last()
	switch {
	case err != nil:
		return err
	case len(text) == 0:
		return errors.New("no message has been received yet")
	case c.Page != nil && bytes.Count(text, []byte{'\n'}) >= c.Height():
		return c.Page(text)
	}
	return c.Output.Print(text)
}

// setting shows or changes how messages are shown: without an argument a command shows its state, with "off" it resets it.
func (c *sender) setting(name, arg string, state func(View) string, change func(v *View, arg string)) error {
	if arg == "" {
		return c.Output.Status(name + " " + cmp.Or(state(c.Output.View()), off))
	}
	if arg == off {
		arg = ""
	}
	if err := c.Output.Change(func(v *View) { change(v, arg) }); err != nil {
		return err
	}
	return c.confirm(name + " " + cmp.Or(state(c.Output.View()), off))
}

// confirm shows at a prompt that a command has changed something.
func (c *sender) confirm(text string) error {
	if !c.Interactive {
		return nil
	}
	return c.Output.Status(text)
}

func (c *sender) format(_ context.Context, arg string) error {
	return c.setting("format", arg, shownFormat, func(v *View, arg string) { v.Format, v.Template, v.JQ = arg, "", "" })
}

func (c *sender) timestamps(_ context.Context, arg string) error {
	return c.setting("timestamps", arg, func(v View) string { return v.Timestamps }, func(v *View, arg string) { v.Timestamps = arg })
}

func (c *sender) trace(_ context.Context, arg string) error {
	switch arg {
	case "on", off:
		c.tracing.Store(arg == "on")
		return c.confirm("trace " + arg)
	case "":
		return c.Output.Status("trace " + c.traceState())
	}
	return errArgument
}

func (c *sender) traceState() string {
	if c.tracing.Load() {
		return "on"
	}
	return off
}

func (c *sender) jq(_ context.Context, arg string) error {
	return c.setting("jq", arg, func(v View) string { return v.JQ }, func(v *View, arg string) { v.JQ = arg })
}

func (c *sender) template(_ context.Context, arg string) error {
	return c.setting("template", arg, func(v View) string { return v.Template }, func(v *View, arg string) { v.Template, v.JQ = arg, "" })
}

func (c *sender) only(_ context.Context, arg string) error {
	return c.setting("only", arg, func(v View) string { return strings.Join(v.Only, " ") }, func(v *View, arg string) {
		v.Only = strings.Fields(arg)
		v.Options.Sent = slices.Contains(v.Only, "out")
	})
}

func (c *sender) grep(_ context.Context, arg string) error {
	return c.setting("grep", arg, func(v View) string { return v.Grep }, func(v *View, arg string) { v.Grep = arg })
}

func (c *sender) grepV(_ context.Context, arg string) error {
	return c.setting("grep-v", arg, func(v View) string { return v.GrepV }, func(v *View, arg string) { v.GrepV = arg })
}

func (c *sender) rows(_ context.Context, arg string) error {
	number := 0
	switch arg {
	case "", off:
	case allRows:
		number = -1
	default:
		var err error
		if number, err = strconv.Atoi(arg); err != nil || number < 1 {
			return errArgument
		}
	}
	return c.setting("rows", arg, shownRows, func(v *View, _ string) { v.Options.Rows = number })
}

// shownRows returns how many rows of a message are shown.
func shownRows(v View) string {
	switch {
	case v.Options.Rows < 0:
		return allRows
	case v.Options.Rows == 0:
		return "two screens"
	}
	return strconv.Itoa(v.Options.Rows)
}

// save writes the last message that was received to a file, byte for byte.
func (c *sender) save(ctx context.Context, path string) error {
	if path == "" {
		return errArgument
	}
	message, ok := c.latest.message()
	if !ok {
		return errors.New("no message has been received yet")
	}
	file, err := input.Open(ctx, func() (*os.File, error) { return os.Create(path) })
	if err != nil {
		return err
	}
	_, err = file.Write(message)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return c.confirm(fmt.Sprintf("%d bytes in %s", len(message), path))
}

// record starts a recording. If there is a connection, the recording begins with its handshake.
func (c *sender) record(ctx context.Context, arg string) error {
	switch arg {
	case "":
		return c.Output.Status("record " + cmp.Or(c.Output.Recording(), off))
	case off:
		if err := c.Output.StopRecord(); err != nil {
			return err
		}
		return c.confirm("record off")
	}
	var connected *dial.Handshake
	if c.session.Stats().Uptime > 0 {
		connected = c.session.Handshake()
	}
	if err := c.Output.Record(ctx, arg, c.Options.ShowSecrets, connected); err != nil {
		return err
	}
	return c.confirm("record " + arg)
}
