package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wsx/client"
	"wsx/client/dial"
	"wsx/curl"
	"wsx/repl/render"
	"wsx/terminal"
)

// openCopied connects as a command line of curl says. Nothing that was meant for the present server goes to the other one.
func (c *sender) openCopied(ctx context.Context, line string) error {
	command, err := curl.ParseLine(line, os.ReadFile)
	if err != nil {
		return err
	}
	return c.dialNext(ctx, command.URL, copiedOptions(c.Options, command))
}

// copiedOptions are the options of a session that a command line of curl opens, in place of one that has options already.
func copiedOptions(present client.Options, command *curl.Command) client.Options {
	o := present
	o.Options = command.Options
	o.NoCompress = o.NoCompress || present.NoCompress
	o.Env, o.KeyLog, o.ShowSecrets = present.Env, present.KeyLog, present.ShowSecrets
	o.AskPassword, o.AskPassphrase = present.AskPassword, present.AskPassphrase
	if command.Netrc && o.Env != nil {
		o.Netrc = filepath.Join(o.Env("HOME"), ".netrc")
	}
	return o
}

// writeCommand shows the connection as a command line of a program.
func (c *sender) writeCommand(_ context.Context, program string) error {
	if c.Accept != nil {
		return errors.New("clients connect here: there is no command line that does")
	}
	program = cmp.Or(program, curl.Programs()[0])
	line, missing, err := curl.Write(program, c.URL, c.Options.Options, c.Options.ShowSecrets)
	if usage := new(dial.UsageError); errors.As(err, &usage) {
		return errArgument
	}
	if err != nil {
		return err
	}
	if err := c.Output.Print(append(render.Sanitize(nil, []byte(line)), '\n')); err != nil || len(missing) == 0 {
		return err
	}
	return c.Output.Status(fmt.Sprintf("* %s has no option for %s", program, strings.Join(missing, ", ")))
}

func programs(string) []terminal.Candidate { return candidates(curl.Programs()...) }
