package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand prints the manual page, from the same declarations as --help.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "print the manual page",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root.DisableAutoGenTag = true
			header := &doc.GenManHeader{Title: "WSX", Section: "1", Manual: "User commands", Source: "wsx " + version()}
			return doc.GenMan(root, header, cmd.OutOrStdout())
		},
	}
}
