package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completeURL offers the servers inside the program and the schemes, and behind an @ the contexts.
func completeURL(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	if strings.HasPrefix(begun, "@") {
		return completeContext(os.Getenv), cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"echo:", "clock:", "chat:", "ws://", "wss://"}, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completeValues offers the words of every flag that takes one out of a few.
func completeValues(root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("as", completeDialect)
	_ = root.RegisterFlagCompletionFunc("connect", completeURL)
	root.Flags().VisitAll(func(flag *pflag.Flag) {
		if one, ok := flag.Value.(*choice); ok {
			words := one.among
			_ = root.RegisterFlagCompletionFunc(flag.Name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return words, cobra.ShellCompDirectiveNoFileComp
			})
		}
	})
}
