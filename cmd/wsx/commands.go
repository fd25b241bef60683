package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wsx/client/dial"
)

// addCommands gives the root its commands, and what completion needs.
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

// whichShell refuses a shell that there is no completion script for, or none.
func whichShell(*cobra.Command, []string) error {
	return &dial.UsageError{Message: "which shell? give bash, zsh, fish or powershell"}
}

// checkWord refuses a word that is no command, but nearly one, before it is looked up as the name of a server.
func checkWord(root *cobra.Command, word string) error {
	if strings.ContainsAny(word, ".:/[@") || word == "localhost" {
		return nil
	}
	for _, sub := range root.Commands() {
		if sub.IsAvailableCommand() && near(word, sub.Name()) {
			return &dial.UsageError{
				Message: fmt.Sprintf("no command %q", word),
				Advice:  fmt.Sprintf("did you mean wsx %s? wss://%s connects to a host of this name", sub.Name(), word),
			}
		}
	}
	return nil
}
