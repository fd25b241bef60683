package main

import (
	"slices"
	"wsx/client/dial"

	"github.com/spf13/cobra"
)

// commandNames are the words that ask for something else than a conversation.
func commandNames() []string {
	return []string{
		"run", "check", "bench", "export", "serve", "dialect", "version", "man", "help", "completion",
		cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd,
	}
}

// namesCommand reports whether a word of the command line may ask for a command. Where none does, none is made: it would only
// take time on the way to a first reply.
func namesCommand(args []string) bool {
	names := commandNames()
	return slices.ContainsFunc(args, func(word string) bool { return slices.Contains(names, word) })
}

// addCommands gives the root its commands, and what completion needs.
func addCommands(root *cobra.Command, f *flags, s environment) {
	completeValues(root)
	root.AddCommand(runCommand(f, s), checkCommand(f, s), benchCommand(f, s), exportCommand(s), serveCommand(s), dialectCommand(s), versionCommand(), manCommand(root))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Short = "print the completion script of a shell"
		completion.Args, completion.RunE = cobra.ArbitraryArgs, whichShell
		for _, shell := range completion.Commands() {
			shell.Args = words(0)
		}
	}
}

// whichShell refuses a shell that there is no completion script for, or none.
func whichShell(*cobra.Command, []string) error {
	return &dial.UsageError{Message: "which shell? give bash, zsh, fish or powershell"}
}
