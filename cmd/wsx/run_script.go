package main

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/dialect"
	"wsx/repl"
	"wsx/repl/script"
)

const scriptLanguage = `wsx run sends the lines of a script and waits for the messages that the script expects. It ends at the first line that fails,
with exit code 9, and shows what was expected and what was received.

  {"op":"login"}        send the line as a text message
  > TEXT                send TEXT, whatever it begins with
  >json "one\ntwo"       send a text of several lines, written as a JSON string
  /ping, /hex 00ff, ... run a command, as at the prompt
  < REGEX               wait for a message that matches; (?P<id>...) captures a part of it for ${id} in later lines
  <jq EXPR              wait for a JSON message for which the jq expression is true
  <close CODE           wait for the server's Close; without CODE, with any code
  <2s REGEX             wait with another time limit; also <jq,2s EXPR and <close,2s
  >wait 1s              pause
  > VERB ARG...         with --as, use a verb of the protocol
  < KIND EXPR           with --as, wait for a reply, an event ...: < reply .data[0] == 5
  # TEXT                a comment; empty lines are ignored as well

A message may arrive before the line that expects it: received messages are kept until a line expects one. That line consumes
the message that matches and all messages before it, so not every message needs a line.`

const scriptExample = `  wsx run login.wsx wss://example.com/chat
  wsx run --report junit --report-file login.xml login.wsx wss://example.com/chat`

// runCommand returns the command wsx run. It has the flags of the root command, and of those for input only the rules and --eol.
func runCommand(f *flags, s environment) *cobra.Command {
	var o scriptRun
	cmd := &cobra.Command{
		Use:               "run FILE URL",
		Short:             "run a script: send its lines and wait for the messages that it expects",
		Long:              scriptLanguage,
		Example:           scriptExample,
		ValidArgsFunction: firstThen(completePath, completeURL),
		RunE: func(_ *cobra.Command, args []string) error {
			if !f.wait.Given {
				f.wait = value.GivenDuration{Given: true} // 0: a script waits only at its own commands
			}
			return f.runScript(s, args, &o)
		},
	}
	parts := append([]section{{"Reporting", o.declare}}, sections()...)
	for i := range parts {
		if parts[i].title == "Input" {
			parts[i].declare = func(f *flags, set *pflag.FlagSet) { declareOnly(f.inputFlags, set, "eol", "on", "on-jq", "every") }
		}
	}
	addFlags(cmd, f, parts, "wsx run [flags] FILE URL")
	return cmd
}

func (o *scriptRun) declare(_ *flags, set *pflag.FlagSet) {
	o.report = value.Choice{Among: namesOf(script.Reports(), func(r script.Report) string { return r.Name })}
	set.Var(&o.report, "report", "print a report in the format `NAME`, tap or junit, instead of the messages")
	set.StringVar(&o.file, "report-file", "", "write the report to `FILE` instead of standard output")
}

// runScript reads the script, runs the session, and reports.
func (f *flags) runScript(s environment, args []string, o *scriptRun) error {
	if len(args) == 0 {
		return &dial.UsageError{Message: "no script was named", Hint: "wsx run FILE URL; wsx run --help describes scripts"}
	}
	if o.file != "" && o.report.Value == "" {
		return &dial.UsageError{Message: "--report-file needs --report", Hint: "--report tap and --report junit choose the format"}
	}
	url, err := f.url(s, args[1:])
	if err != nil {
		return err
	}
	if o.name = args[0]; o.name == "-" {
		o.name = "standard input"
	}
	ctx, cancel := f.withTimeout(context.Background())
	defer cancel()
	parsed, err := awaitFiles(ctx, func() (*script.Script, error) { return f.readScript(s, args[0], o.name) })
	if err != nil {
		return err
	}
	if err := canWrite(o.file); err != nil {
		return err
	}
	o.run = script.NewRun(parsed, f.inbox(0))
	f.maxMessage = cmp.Or(f.maxMessage, defaultMaxMessage)
	return f.run(s, url, o)
}

// readScript reads a file, "-" standing for standard input.
func (f *flags) readScript(s environment, path, name string) (*script.Script, error) {
	file := s.stdin
	if path != "-" {
		opened, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		file = opened
	}
	o := script.Options{Name: name, Command: repl.CheckCommand}
	if f.as != "" {
		o.Kinds, o.Command = dialect.Kinds(), nil // the verbs of the dialect are commands too
	}
	return script.Parse(file, o)
}
