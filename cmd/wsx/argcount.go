package main

import (
	"fmt"

	"wsx/client/dial"

	"github.com/spf13/cobra"
)

// maxArgs returns a check that a command gets at most this many arguments.
func maxArgs(most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= most {
			return nil
		}
		return &dial.UsageError{
			Message: fmt.Sprintf("%s does not take the argument %q", cmd.CommandPath(), args[most]),
			Advice:  cmd.CommandPath() + " --help shows its arguments",
		}
	}
}
