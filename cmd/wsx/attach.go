package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/daemon"
)

// usingSections are the flags of commands that use a session.
func usingSections(own section, endings ...string) []section {
	return []section{
		own,
		{"Ending", func(f *flags, set *pflag.FlagSet) { declareOnly(f.ending, set, endings...) }},
		{"Output", (*flags).outputFlags},
		{"Encoding", (*flags).encodingFlags},
	}
}

const sendLong = `wsx send sends a message in a session that wsx open has opened, and prints what is received after that, until the server
has been silent for 1s (-w), or -C messages have come, or one that --until or --until-jq wants. MSG is text, @FILE the
content of a file, - each line of standard input. In a session with --as, VERB and its words are used, and the reply to that
very verb is printed. Any number of commands can use a session at the same time.`

const sendExample = `  wsx send chat hello -1
  wsx send api '{"id":7,"op":"list"}' --until-jq '.id == 7'
  wsx send browser call Page.navigate '{"url":"about:blank"}'`

func sendCommand(f *flags, s environment) *cobra.Command {
	parts := usingSections(section{"Sending", func(f *flags, set *pflag.FlagSet) {
		declareOnly(f.sendingFlags, set, "binary", "text", "input", "null", "fragment")
	}}, "wait", "count", "one", "until", "until-jq", "expect-timeout", "timeout")
	return sessionCommand(f, parts, &cobra.Command{
		Use: "send NAME MSG|@FILE|-", Short: "send a message in an open session, and print what is received after it",
		Long: sendLong, Example: sendExample, ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			const usage = "wsx send NAME MSG, wsx send NAME @FILE, wsx send NAME -"
			if len(args) < 2 {
				return usageOf("which session, and which message?", usage)
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
				return usageOf("one message is wanted, "+strings.Join(args[1:], " ")+" is several words", "quote a message that has spaces; only a session with --as takes VERB ARG...")
			default:
				f.execute = args[1:]
			}
			return f.run(s, a.name, nil)
		},
	})
}

const recvLong = `wsx recv prints what was received in a session that wsx open has opened, as far as this reader has not seen it, and
returns. With -C, --until or --until-jq it waits for what is not there yet, with -w until the server has been silent. Readers
have names (--reader); each sees every message once. Where messages were dropped because they were not read in time, the gap
is told. When the session has ended, the rest is printed, and the exit code is that of the end.`

const recvExample = `  wsx recv chat
  wsx recv chat -C 1 --timeout 10s
  wsx recv chat --reader audit --json`

func recvCommand(f *flags, s environment) *cobra.Command {
	reader := daemon.DefaultReader
	parts := usingSections(section{"Reading", func(_ *flags, set *pflag.FlagSet) {
		set.StringVar(&reader, "reader", daemon.DefaultReader, "read as the reader `NAME`: each reader sees every message once")
	}}, "wait", "count", "one", "until", "until-jq", "timeout")
	return sessionCommand(f, parts, &cobra.Command{
		Use: "recv NAME", Short: "print what was received in an open session", Long: recvLong, Example: recvExample,
		ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageOf("which session?", "wsx recv NAME")
			}
			if err := daemon.CheckName(reader); err != nil {
				return err
			}
			follow := f.one || f.conditional() || f.wait.given
			a := &attached{name: args[0], waits: f.wait.given}
			return f.attach(s, a, daemon.AttachOptions{From: daemon.FromUnread, Reader: reader, Follow: follow})
		},
	})
}

const attachLong = `wsx attach is the prompt of wsx URL on a session that wsx open has opened. Any number may be attached at the same time.
Ctrl-], Ctrl-D, Ctrl-C on an empty line and /quit leave the session open; /close closes it for all.`

func attachCommand(f *flags, s environment) *cobra.Command {
	parts := usingSections(section{"Prompt", func(f *flags, set *pflag.FlagSet) {
		declareOnly(f.sendingFlags, set, "binary", "text", "input", "null", "vi", "plain", "no-history", "slash")
	}}, "wait", "count", "one", "until", "until-jq", "expect-timeout", "timeout")
	return sessionCommand(f, parts, &cobra.Command{
		Use: "attach NAME", Short: "the prompt, on an open session; Ctrl-] leaves it open", Long: attachLong, Example: "  wsx attach chat",
		ValidArgsFunction: completeSession(s),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageOf("which session?", "wsx attach NAME")
			}
			a := &attached{name: args[0], prompts: true, reads: true}
			return f.attach(s, a, daemon.AttachOptions{From: daemon.FromNow, Follow: true})
		},
	})
}

// completeSession offers the sessions there are.
func completeSession(s environment) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		folder, err := daemon.OpenFolder(s.getenv)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, _ := folder.Names()
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// sessionHint is what to do about an error with a session in the background; "" = there is no advice.
func sessionHint(err error) string {
	var unknown *daemon.UnknownError
	var taken *daemon.TakenError
	var folder *daemon.FolderError
	var path *daemon.LongPathError
	var silent *daemon.UnresponsiveError
	switch {
	case errors.As(err, &path):
		return "a shorter name makes it shorter, or a folder with a shorter path in XDG_RUNTIME_DIR"
	case errors.As(err, &silent) && silent.PID > 0:
		return fmt.Sprintf("kill -CONT %d lets it go on if it was stopped, kill -KILL %d ends it", silent.PID, silent.PID)
	case errors.As(err, &unknown) && unknown.Stale:
		return "its socket was removed; wsx open " + unknown.Name + " URL opens it again"
	case errors.As(err, &unknown) && len(unknown.Known) > 0:
		return "the sessions are " + strings.Join(unknown.Known, ", ") + "; wsx open NAME URL opens another"
	case errors.As(err, &unknown):
		return "there are none; wsx open NAME URL opens one"
	case errors.As(err, &taken):
		return "wsx close " + taken.Name + " closes it, wsx attach " + taken.Name + " is its prompt"
	case errors.As(err, &folder):
		return "the folder must be yours, with the mode 0700; XDG_RUNTIME_DIR can name another one for it"
	}
	return ""
}
