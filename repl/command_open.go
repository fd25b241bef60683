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
)

// openCurl connects with a curl command line. The options for the present server are not used.
func (s *sender) openCurl(ctx context.Context, line string) error {
	command, err := curl.ParseLine(line, os.ReadFile)
	if err != nil {
		return err
	}
	o := otherOptions(s.Options, command.Options)
	if command.Netrc && o.Env != nil {
		o.Netrc = filepath.Join(o.Env("HOME"), ".netrc")
	}
	return s.dialNext(ctx, command.URL, o)
}

// HasSecret reports whether a typed line has credentials: in the URL that /open connects to, or in a curl command line. A
// command line that cannot be parsed may have some. It is for terminal.Config.
func HasSecret(line string) bool {
	arg, isOpen := strings.CutPrefix(line, "/open")
	arg = strings.TrimSpace(arg)
	switch {
	case !isOpen || strings.HasPrefix(arg, "@"):
		return false
	case !curl.IsLine(arg):
		return dial.RedactURL(arg) != arg
	}
	command, err := curl.ParseLine(arg, func(string) ([]byte, error) { return nil, nil })
	return err != nil || command.HasSecret()
}

// openContext connects with the settings of a context.
func (s *sender) openContext(ctx context.Context, name string) error {
	url, o, err := s.OpenContext(name)
	if err != nil {
		return err
	}
	return s.dialNext(ctx, url, otherOptions(s.Options, o))
}

// otherOptions returns the options of a session with another server: the session's own of the present one, but not its dial
// options.
func otherOptions(present client.Options, other dial.Options) client.Options {
	o := present
	o.Options = other
	o.NoCompress = o.NoCompress || present.NoCompress
	o.Env, o.KeyLog, o.ShowSecrets = present.Env, present.KeyLog, present.ShowSecrets
	o.AskPassword, o.AskPassphrase = present.AskPassword, present.AskPassphrase
	return o
}

// writeCommand prints the command line with which a program makes the same connection.
func (s *sender) writeCommand(_ context.Context, program string) error {
	if s.Accept != nil {
		return errors.New("this is a listener: no command line connects to a client")
	}
	program = cmp.Or(program, curl.Programs()[0])
	line, missing, err := curl.Write(program, s.URL, s.Options.Options, s.Options.ShowSecrets, s.Output.hidden()...)
	if usage := new(dial.UsageError); errors.As(err, &usage) {
		return errArgument
	}
	if err != nil {
		return err
	}
	if err := s.Output.Print(append(render.Sanitize(nil, []byte(line)), '\n')); err != nil || len(missing) == 0 {
		return err
	}
	return s.Output.Status(fmt.Sprintf("* %s has no option for this: %s", program, strings.Join(missing, ", ")))
}
