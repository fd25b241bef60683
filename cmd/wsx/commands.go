package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
)

// addCommands adds the commands and their completion to the root command.
func addCommands(root *cobra.Command, f *flags, s environment) {
	completeValues(root)
	root.AddCommand(runCommand(f, s), checkCommand(f, s), benchCommand(f, s), exportCommand(s), curlCommand(), configCommand(s), serveCommand(s),
		dialectCommand(s), openCommand(f, s), sendCommand(f, s), recvCommand(f, s), sessionsCommand(f, s), attachCommand(f, s), closeCommand(f, s),
		mcpCommand(f, s),
		versionCommand(), manCommand(root))
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultHelpCmd()
	addCompletion(root)
	if isCompletion(s.args) {
		describeFlags(root)
	}
}

// needsCommands reports whether the arguments may name a command or ask for help, which lists the commands. Building the
// commands takes longer than opening a connection on this machine.
func needsCommands(args []string, set *pflag.FlagSet) bool {
	if at := firstWord(args, set); at < len(args) && !namesServer(args[at]) {
		return true
	}
	return slices.ContainsFunc(args, func(arg string) bool {
		return strings.HasPrefix(arg, "--help") || len(arg) > 1 && arg[0] == '-' && arg[1] != '-' && strings.Contains(arg, "h")
	})
}

// firstWord returns the index of the first argument that is neither a flag nor its value, or their number.
func firstWord(args []string, set *pflag.FlagSet) int {
	for i := 0; i < len(args); i++ {
		switch _, takesNext := trailingFlag(args[i], set); {
		case takesNext:
			i++
		case args[i] == "--":
			return i + 1
		case len(args[i]) > 1 && args[i][0] == '-':
		default:
			return i
		}
	}
	return len(args)
}

// namesServer reports whether a word is the address of a server and cannot be a misspelled command.
func namesServer(word string) bool { return strings.ContainsAny(word, ".:/[@") || word == "localhost" }

// maxArgs returns a check that a command gets at most this many arguments.
func maxArgs(most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= most {
			return nil
		}
		return &dial.UsageError{
			Message: fmt.Sprintf("%s does not take the argument %q", cmd.CommandPath(), args[most]),
			Hint:    cmd.CommandPath() + " --help shows its arguments",
		}
	}
}

// unknownShell returns the error for a missing shell, or one without a completion script.
func unknownShell(*cobra.Command, []string) error {
	return &dial.UsageError{Message: "no shell was named: expected bash, zsh, fish or powershell"}
}

// checkWord returns an error for a word that resembles the name of a command, before it is used as the name of a server.
func checkWord(root *cobra.Command, word string) error {
	if namesServer(word) {
		return nil
	}
	for _, sub := range listedCommands(root) {
		if isSimilar(word, sub.Name()) {
			return &dial.UsageError{
				Message: fmt.Sprintf("no command %q", word),
				Hint:    fmt.Sprintf("did you mean wsx %s? wss://%s connects to the host of that name", sub.Name(), word),
			}
		}
	}
	return nil
}
