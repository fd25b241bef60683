package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completeURL offers the servers inside the program and the schemes.
func completeURL(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"echo:", "clock:", "chat:", "ws://", "wss://"}, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completeValues offers the words of every flag that takes one out of a few.
func completeValues(root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("as", completeDialect)
	root.Flags().VisitAll(func(flag *pflag.Flag) {
		if one, ok := flag.Value.(*choice); ok {
			words := one.among
			_ = root.RegisterFlagCompletionFunc(flag.Name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return words, cobra.ShellCompDirectiveNoFileComp
			})
		}
	})
}
