package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// help prints --help of the root: examples first, then the flags by what they are for. Other commands keep cobra's.
func help(root *cobra.Command) func(*cobra.Command, []string) {
	usual := root.HelpFunc()
	return func(cmd *cobra.Command, args []string) {
		if cmd != root {
			usual(cmd, args)
			return
		}
		var text strings.Builder
		fmt.Fprintf(&text, "%s\n\nExamples:\n%s\n\nUsage:\n", root.Long, root.Example)
		fmt.Fprint(&text, "  wsx [flags] URL\n")
		for _, sub := range root.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&text, "  %-28s %s\n", "wsx "+sub.Use, sub.Short)
			}
		}
		text.WriteString(usages(sections()))
		fmt.Fprint(&text, "\nExit codes:\n")
		for _, row := range exitCodes() {
			fmt.Fprintf(&text, "  %-10s%s\n", row.codes, row.when)
		}
		fmt.Fprint(root.OutOrStdout(), text.String())
	}
}

// usages are the flags of sections, as --help shows them.
func usages(sections []section) string {
	var text strings.Builder
	for _, part := range sections {
		fmt.Fprintf(&text, "\n%s:\n%s", part.title, part.set().FlagUsagesWrapped(100))
	}
	return text.String()
}

// exitRow describes one exit code, or a pair of them.
type exitRow struct{ codes, when string }

// exitCodes are the exit codes as --help and the manual page list them.
func exitCodes() []exitRow {
	return []exitRow{
		{"0", "the session was ended here, or the server closed with 1000, 1001 or no code"},
		{"1", "anything else that failed here: a file, standard input, text that is not UTF-8"},
		{"2", "usage: flags, URL, header"},
		{"3", "not connected: name, TCP, proxy, --connect-timeout"},
		{"4", "TLS: certificate, name, version"},
		{"5", "the upgrade was refused or wrong"},
		{"6", "the server broke the protocol"},
		{"7", "connection lost without a Close; --ping-timeout; with --reconnect, messages that may not have arrived"},
		{"8", "the server closed with any other code"},
		{"9", "--timeout ran out, or the end came before --count or --until was met; a script failed"},
		{"130, 143", "interrupted by SIGINT or SIGTERM"},
	}
}
