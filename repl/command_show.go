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
func (s *sender) last(context.Context, string) error {
	text, err := s.Output.Last()
	switch {
	case err != nil:
		return err
	case len(text) == 0:
		return errors.New("no message has been received yet")
	case s.Page != nil && bytes.Count(text, []byte{'\n'}) >= s.Height():
		return s.Page(text)
	}
	return s.Output.Print(text)
}

// setting shows or changes how messages are shown: without an argument a command shows its state, with "off" it resets it.
func (s *sender) setting(name, arg string, state func(View) string, change func(v *View, arg string)) error {
	if arg == "" {
		return s.Output.Status(name + " " + cmp.Or(state(s.Output.View()), off))
	}
	if arg == off {
		arg = ""
	}
	if err := s.Output.Change(func(v *View) { change(v, arg) }); err != nil {
		return err
	}
	return s.confirm(name + " " + cmp.Or(state(s.Output.View()), off))
}

// confirm shows at a prompt that a command has changed something.
func (s *sender) confirm(text string) error {
	if !s.Interactive {
		return nil
	}
	return s.Output.Status(text)
}

func (s *sender) format(_ context.Context, arg string) error {
	return s.setting("format", arg, shownFormat, func(v *View, arg string) { v.Format, v.Template, v.JQ = arg, "", "" })
}

func (s *sender) timestamps(_ context.Context, arg string) error {
	return s.setting("timestamps", arg, func(v View) string { return v.Timestamps }, func(v *View, arg string) { v.Timestamps = arg })
}

func (s *sender) trace(_ context.Context, arg string) error {
	switch arg {
	case "on", off:
		s.tracing.Store(arg == "on")
		return s.confirm("trace " + arg)
	case "":
		return s.Output.Status("trace " + s.traceState())
	}
	return errArgument
}

func (s *sender) traceState() string {
	if s.tracing.Load() {
		return "on"
	}
	return off
}

func (s *sender) jq(_ context.Context, arg string) error {
	return s.setting("jq", arg, func(v View) string { return v.JQ }, func(v *View, arg string) { v.JQ = arg })
}

func (s *sender) template(_ context.Context, arg string) error {
	return s.setting("template", arg, func(v View) string { return v.Template }, func(v *View, arg string) { v.Template, v.JQ = arg, "" })
}

func (s *sender) only(_ context.Context, arg string) error {
	return s.setting("only", arg, func(v View) string { return strings.Join(v.Only, " ") }, func(v *View, arg string) {
		v.Only = strings.Fields(arg)
		v.Options.Sent = slices.Contains(v.Only, "out")
	})
}

func (s *sender) grep(_ context.Context, arg string) error {
	return s.setting("grep", arg, func(v View) string { return v.Grep }, func(v *View, arg string) { v.Grep = arg })
}

func (s *sender) grepV(_ context.Context, arg string) error {
	return s.setting("grep-v", arg, func(v View) string { return v.GrepV }, func(v *View, arg string) { v.GrepV = arg })
}

func (s *sender) rows(_ context.Context, arg string) error {
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
	return s.setting("rows", arg, shownRows, func(v *View, _ string) { v.Options.Rows = number })
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
func (s *sender) save(ctx context.Context, path string) error {
	if path == "" {
		return errArgument
	}
	message, ok := s.latest.message()
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
	return s.confirm(fmt.Sprintf("%d bytes in %s", len(message), path))
}

// record starts a recording. If there is a connection, the recording begins with its handshake.
func (s *sender) record(ctx context.Context, arg string) error {
	switch arg {
	case "":
		return s.Output.Status("record " + cmp.Or(s.Output.Recording(), off))
	case off:
		if err := s.Output.StopRecord(); err != nil {
			return err
		}
		return s.confirm("record off")
	}
	var connected *dial.Handshake
	if s.session.Stats().Uptime > 0 {
		connected = s.session.Handshake()
	}
	if err := s.Output.Record(ctx, arg, s.Options.ShowSecrets, connected); err != nil {
		return err
	}
	return s.confirm("record " + arg)
}
