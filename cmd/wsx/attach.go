package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/daemon"
)

// waitHelp is the help of --wait: what it does in a command, and the default that is shown, "" = none.
type waitHelp struct{ usage, shown string }

// attachedSections returns the sections of flags of a command that uses an open session.
func attachedSections(own section, wait waitHelp, endings ...string) []section {
	return []section{
		own,
		{"Ending", func(f *flags, set *pflag.FlagSet) {
			declareOnly(f.endingFlags, set, endings...)
			set.Lookup("wait").Usage, set.Lookup("wait").DefValue = wait.usage, wait.shown
		}},
		{"Output", (*flags).outputFlags},
		{"Encoding", (*flags).codecFlags},
	}
}

const sendLong = `wsx send sends a message in a session that wsx open opened, and prints what is received after that, until the server has
been silent for 1s (-w), until -C messages have arrived, or until a message matches --until or --until-jq. MSG is sent as
text, @FILE sends the content of a file, - sends each line of standard input. If the session was opened with --as, the
arguments are VERB ARG..., and the reply to this verb is printed. Any number of commands can use a session at the same time.`

const sendExample = `  wsx send chat hello -1
  wsx send api '{"id":7,"op":"list"}' --until-jq '.id == 7'
  wsx send browser call Page.navigate '{"url":"about:blank"}'`

func sendCommand(f *flags, s environment) *cobra.Command {
	parts := attachedSections(section{"Sending", func(f *flags, set *pflag.FlagSet) {
		declareOnly(f.inputFlags, set, "binary", "text", "input", "null", "fragment")
	}}, waitHelp{"return when the server has been silent for `D`; 0 = at once, -1 = never, which is the default with --count, --until and --until-jq", "1s"}, "wait", "count", "one", "until", "until-jq", "expect-timeout", "timeout")
	return sessionCommand(f, parts, &cobra.Command{
		Use: "send NAME MSG|@FILE|-", Short: "send a message in an open session and print what is received after it",
		Long: sendLong, Example: sendExample, ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &dial.UsageError{Message: "a session and a message are required", Hint: "wsx send NAME MSG, wsx send NAME @FILE, wsx send NAME -"}
			}
			a := &attached{name: args[0]}
			if err := a.connect(f, s, daemon.AttachOptions{From: daemon.FromAnswer, Follow: true}); err != nil {
				return err
			}
			defer a.session.Discard()
			f.attached = a
			switch {
			case args[1] == "-" && len(args) == 2:
				a.reads = true
			case a.session.Status().As != "":
				f.verb = args[1:]
			case len(args) > 2:
				return &dial.UsageError{
					Message: "expected one message, but got several arguments: " + strings.Join(args[1:], " "),
					Hint:    "quote a message that has spaces; only a session with --as takes VERB ARG...",
				}
			default:
				f.execute = args[1:]
			}
			return f.run(s, a.name, nil)
		},
	})
}

const recvLong = `wsx recv prints the messages received in a session that wsx open opened and that this reader has not seen yet, and returns.
With -C, --until or --until-jq it waits for more messages, with -w until the server has been silent. Readers have names
(--reader), and each of them sees every message once. If messages were dropped because they were not read in time, wsx
reports the gap. When the session has ended, wsx recv prints the remaining messages and exits with the exit code of the
session.`

const recvExample = `  wsx recv chat
  wsx recv chat -C 1 --timeout 10s
  wsx recv chat --reader audit --json`

func recvCommand(f *flags, s environment) *cobra.Command {
	reader := daemon.DefaultReader
	parts := attachedSections(section{"Reading", func(_ *flags, set *pflag.FlagSet) {
		set.StringVar(&reader, "reader", daemon.DefaultReader, "read as the reader `NAME`; each reader sees every message once")
	}}, waitHelp{"wait for more messages, until the server has been silent for `D`; -1 = until the session ends", ""}, "wait", "count", "one", "until", "until-jq", "timeout")
	return sessionCommand(f, parts, &cobra.Command{
		Use: "recv NAME", Args: maxArgs(1), Short: "print the messages received in an open session", Long: recvLong, Example: recvExample,
		ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &dial.UsageError{Message: "no session was named", Hint: "wsx recv NAME"}
			}
			if err := daemon.CheckName(reader); err != nil {
				return err
			}
			follow := f.one || f.conditional() || f.wait.Given
			a := &attached{name: args[0], waits: f.wait.Given}
			return f.attach(s, a, daemon.AttachOptions{From: daemon.FromUnread, Reader: reader, Follow: follow})
		},
	})
}

const attachLong = `wsx attach opens the prompt of wsx URL on a session that wsx open opened. Any number of terminals can be attached at the same
time. Ctrl-], Ctrl-D, Ctrl-C on an empty line and /quit detach and leave the session open; /close closes it for everyone.`

func attachCommand(f *flags, s environment) *cobra.Command {
	parts := attachedSections(section{"Prompt", func(f *flags, set *pflag.FlagSet) {
		declareOnly(f.inputFlags, set, "binary", "text", "input", "null", "vi", "plain", "no-history", "slash")
	}}, waitHelp{"after the end of piped input, detach when the server has been silent for `D`; 0 = at once, -1 = never, which is the default with --count, --until and --until-jq", "1s"}, "wait", "count", "one", "until", "until-jq", "expect-timeout", "timeout")
	return sessionCommand(f, parts, &cobra.Command{
		Use: "attach NAME", Args: maxArgs(1), Short: "open the prompt on an open session; Ctrl-] detaches", Long: attachLong, Example: "  wsx attach chat",
		ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &dial.UsageError{Message: "no session was named", Hint: "wsx attach NAME"}
			}
			a := &attached{name: args[0], prompts: true, reads: true}
			return f.attach(s, a, daemon.AttachOptions{From: daemon.FromNow, Follow: true})
		},
	})
}

// completeSession completes the names of open sessions, then file names.
func completeSession(s environment) cobra.CompletionFunc {
	return firstThen(func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		folder, err := daemon.OpenFolder(s.getenv)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, _ := folder.Names()
		return names, cobra.ShellCompDirectiveNoFileComp
	}, completePath)
}
