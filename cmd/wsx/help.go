package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// help prints --help of the root: examples first, then the flags by what they are for. Other commands keep cobra's.
func help(root *cobra.Command, sections []section) func(*cobra.Command, []string) {
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
		for _, part := range sections {
			fmt.Fprintf(&text, "\n%s:\n%s", part.title, part.set.FlagUsagesWrapped(100))
		}
		fmt.Fprint(&text, "\n"+exitCodes)
		fmt.Fprint(root.OutOrStdout(), text.String())
	}
}

const exitCodes = `Exit codes:
  0 ended well   1 failed here   2 usage   3 not connected   4 TLS   5 upgrade refused   6 protocol broken
  7 connection lost   8 closed with an error code   9 time ran out   130, 143 interrupted
`
