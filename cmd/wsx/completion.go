package main

import (
	"embed"
	"fmt"
	"strings"

	"wsx/client/dial"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completionScripts are the completion scripts of shells. Cobra's own scripts execute command substitutions in what is typed,
// and for bash they need the package bash-completion.
//
//go:embed completion
var completionScripts embed.FS

// addCompletion adds the command that prints the completion script of a shell.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	completion.Short = "print the completion script for a shell"
	completion.Args, completion.RunE = cobra.ArbitraryArgs, unknownShell
	completion.Long = completionLong
	for _, shell := range completion.Commands() {
		shell.Args = maxArgs(0)
		shell.Long = completionLong
		file, ok := map[string]string{"bash": "bash.sh", "zsh": "zsh.sh", "fish": "fish.fish"}[shell.Name()]
		if !ok {
			continue
		}
		shell.ResetFlags()
		shell.RunE = func(cmd *cobra.Command, _ []string) error {
			script, err := completionScripts.ReadFile("completion/" + file)
			if err == nil {
				_, err = cmd.OutOrStdout().Write(script)
			}
			return err
		}
	}
}

const completionLong = `wsx completion prints a script that makes Tab complete commands, flags and their values in a shell.

For the current shell:

  bash        eval "$(wsx completion bash)"
  zsh         autoload -U compinit; compinit; source <(wsx completion zsh)
  fish        wsx completion fish | source
  PowerShell  wsx completion powershell | Out-String | Invoke-Expression

To enable it in every new shell, add that line to ~/.bashrc, ~/.zshrc, ~/.config/fish/config.fish or $PROFILE.`

// isCompletion reports whether a shell's completion script runs the program.
func isCompletion(args []string) bool {
	return len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}

// describeFlags shortens the usages of the flags of a command and its subcommands for a list of candidates: to the first
// statement, without the back quotes around the name of the value.
func describeFlags(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		_, usage := pflag.UnquoteUsage(flag)
		for _, end := range []string{"; ", ". ", " (default"} {
			usage, _, _ = strings.Cut(usage, end)
		}
		flag.Usage = strings.NewReplacer("`", "", "'K: V'", "K: V").Replace(usage)
	})
	for _, sub := range cmd.Commands() {
		describeFlags(sub)
	}
}

// unknownShell returns the error for a missing shell, or one without a completion script.
func unknownShell(_ *cobra.Command, args []string) error {
	const expected = ": expected bash, zsh, fish or powershell"
	if len(args) == 0 {
		return &dial.UsageError{Message: "no shell was named" + expected}
	}
	return &dial.UsageError{Message: fmt.Sprintf("there is no completion for the shell %q", args[0]) + expected}
}
