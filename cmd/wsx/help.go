package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wsx/client/dial"
	"wsx/terminal"
)

// help returns the help function of the root command: it prints one screen, or the topic after --help. Other commands use
// cobra's.
func help(root *cobra.Command) func(*cobra.Command, []string) {
	usual := root.HelpFunc()
	return func(cmd *cobra.Command, args []string) {
		if cmd != root {
			usual(cmd, args)
			return
		}
		text := shortHelp(root)
		if len(args) > 0 {
			if topic, ok := topicHelp(root, args[len(args)-1]); ok {
				text = topic
			}
		}
		fmt.Fprint(root.OutOrStdout(), text)
	}
}

// commonFlags are the flags that --help shows.
const commonFlags = `  -x MSG, -i                      send MSG first; then continue at the prompt
  -1, -C N, --until REGEX         end after one message; after N; after a match
  -w D, --timeout D               time to wait at the end of input; total limit
  -H 'K: V', -s NAME              add a header; offer a subprotocol
  -u USER:PASS, --bearer TOKEN    send credentials; @FILE reads them from a file
  -k, --ca FILE                   accept any certificate; trust a CA certificate
  -v, --trace                     show the opening handshake; every frame
  --json, --jq EXPR               print events as JSON; filter messages with jq
  --reconnect, --ping-interval D  reconnect after a loss; keep the connection up
  --as NAME                       speak socketio, graphql-ws, mqtt, stomp ...
`

// shortHelp returns the text of --help, which fits on a screen of 24 lines.
func shortHelp(root *cobra.Command) string {
	names := namesOf(listedCommands(root), (*cobra.Command).Name)
	return root.Long + "\n\nExamples:\n" + root.Example + "\n\n" + commonFlags +
		"\n" + string(terminal.Wrap([]byte("Commands: "+strings.Join(names, ", ")+"\n"), 80)) +
		"More: wsx help all, wsx help TOPIC, wsx COMMAND --help, wsx man\n"
}

// listedCommands returns the commands that help lists: all but itself.
func listedCommands(root *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(root.Commands()), func(sub *cobra.Command) bool { return !sub.IsAvailableCommand() })
}

// topics returns the topics of wsx help except "all": the sections of flags, and exit codes.
func topics() []string {
	return append(namesOf(sections(), section.topic), "exit-codes")
}

// topic returns the first word of a section's title, in lower case.
func (p section) topic() string {
	first, _, _ := strings.Cut(strings.ToLower(p.title), " ")
	return first
}

// topicHelp returns the help about a topic, and reports whether the topic exists.
func topicHelp(root *cobra.Command, topic string) (string, bool) {
	switch topic {
	case "all":
		return fullHelp(root), true
	case "exit-codes":
		return exitHelp(), true
	}
	for _, part := range sections() {
		if part.topic() == topic {
			return strings.TrimPrefix(usages([]section{part}), "\n"), true
		}
	}
	return "", false
}

// fullHelp returns the text of wsx help all: every flag, by section.
func fullHelp(root *cobra.Command) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\nExamples:\n%s\n\nUsage:\n  wsx [flags] URL\n", root.Long, root.Example)
	for _, sub := range listedCommands(root) {
		fmt.Fprintf(&text, "  wsx %s\n      %s\n", sub.Use, sub.Short)
	}
	text.WriteString(usages(sections()))
	return text.String() + "\n" + exitHelp()
}

func exitHelp() string {
	return "Exit codes:\n" + linesOf(exitCodes(), func(row [2]string) string { return fmt.Sprintf("  %-10s%s", row[0], row[1]) })
}

// helpCommand returns the command wsx help.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [all|TOPIC|COMMAND]",
		Short: "print help on everything, a topic or a command",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return append(topics(), "all"), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				fmt.Fprint(root.OutOrStdout(), shortHelp(root))
				return nil
			}
			if text, ok := topicHelp(root, args[0]); ok {
				fmt.Fprint(root.OutOrStdout(), text)
				return nil
			}
			sub, _, err := root.Find(args)
			if err != nil || sub == root {
				return &dial.UsageError{Message: fmt.Sprintf("no help on %q", args[0]), Hint: "topics: all, " + strings.Join(topics(), ", ") + ", and every command"}
			}
			return sub.Help()
		},
	}
}

// exitCodes returns the exit codes as help and the manual page list them.
func exitCodes() [][2]string {
	return [][2]string{
		{"0", "wsx ended the session, or the server closed with 1000, 1001 or no code"},
		{"1", "any other local failure: a file, standard input, text that is not UTF-8"},
		{"2", "usage error: flags, URL or header"},
		{"3", "could not connect: DNS, TCP, proxy or --connect-timeout"},
		{"4", "TLS failure: certificate, name or version"},
		{"5", "the upgrade was refused or invalid"},
		{"6", "the server violated the protocol"},
		{"7", "the connection was lost without a Close, or --ping-timeout ran out; with --reconnect, messages may not have arrived"},
		{"8", "the server closed with any other code"},
		{"9", "--timeout ran out, the session ended before --count or --until was met, or a script failed"},
		{"130, 143", "interrupted by SIGINT or SIGTERM"},
	}
}
