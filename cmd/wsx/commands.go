package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
