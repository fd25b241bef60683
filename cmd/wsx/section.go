package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// section is a group of flags with a title in --help.
type section struct {
	title   string
	declare func(*flags, *pflag.FlagSet)
}

// set returns the flags of the section, with their defaults.
func (p section) set() *pflag.FlagSet {
	set := pflag.NewFlagSet(p.title, pflag.ContinueOnError)
	set.SortFlags = false
	p.declare(&flags{}, set)
	return set
}

// sections returns the sections of all flags, in the order of --help.
func sections() []section {
	return []section{
		{"Connection", (*flags).connectionFlags},
		{"Authentication", (*flags).authFlags},
		{"TLS", (*flags).tlsFlags},
		{"Proxy and routing", (*flags).proxyFlags},
		{"Keep-alive and reconnect", (*flags).keepAliveFlags},
		{"Input", (*flags).inputFlags},
		{"Output", (*flags).outputFlags},
		{"Encoding", (*flags).encodingFlags},
		{"Ending", (*flags).endingFlags},
	}
}

// declare declares the flags of sections in a set.
func declare(sections []section, f *flags, set *pflag.FlagSet) {
	set.SortFlags = false
	for _, part := range sections {
		part.declare(f, set)
	}
}

// declareOnly declares, of the flags that declare declares, those with the given names.
func declareOnly(declare func(*pflag.FlagSet), set *pflag.FlagSet, names ...string) {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	declare(all)
	for _, name := range names {
		set.AddFlag(all.Lookup(name))
	}
}

// declareExcept declares the flags that declare declares, except those with the given names.
func declareExcept(declare func(*pflag.FlagSet), set *pflag.FlagSet, names ...string) {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	all.SortFlags = false
	declare(all)
	all.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(names, flag.Name) {
			set.AddFlag(flag)
		}
	})
}

// usages returns the usages of the flags of sections.
func usages(sections []section) string {
	var text strings.Builder
	for _, part := range sections {
		fmt.Fprintf(&text, "\n%s:\n%s", part.title, part.set().FlagUsagesWrapped(100))
	}
	return text.String()
}

// addFlags declares the flags of a command that has sections of them, and sets its help, with the usage in it.
func addFlags(cmd *cobra.Command, f *flags, sections []section, usage string) {
	declare(sections, f, cmd.Flags())
	completeValues(cmd)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n\nExamples:\n%s\n\nUsage:\n  %s\n%s", cmd.Long, cmd.Example, usage, usages(sections))
	})
}

// sessionCommand declares the flags of a session command, and sets its help.
func sessionCommand(f *flags, parts []section, cmd *cobra.Command) *cobra.Command {
	addFlags(cmd, f, parts, "wsx "+cmd.Use+" [flags]")
	return cmd
}
