package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/cmd/wsx/value"
	"wsx/dialect"
)

// firstThen returns a function that completes the first argument with one function, and the others with another.
func firstThen(first, others cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return first(cmd, args, begun)
		}
		return others(cmd, args, begun)
	}
}

// completePath leaves the completion of file names to the shell.
func completePath(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeURL completes URLs: the built-in servers and the schemes, and after @ the contexts.
func completeURL(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	if strings.HasPrefix(begun, "@") {
		return completeContext(os.Getenv, "@"), cobra.ShellCompDirectiveNoFileComp
	}
	return []string{
		cobra.CompletionWithDesc("echo:", "a built-in server that echoes each message"),
		cobra.CompletionWithDesc("clock:", "a built-in server that sends the time"),
		cobra.CompletionWithDesc("chat:", "a built-in chat server"),
		cobra.CompletionWithDesc("ws://", "without TLS"),
		cobra.CompletionWithDesc("wss://", "with TLS"),
	}, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completeWords completes the arguments that are not flags: the URL, and with --as the verb after it.
func completeWords(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	connect := cmd.Flags().Lookup("connect")
	if len(args) == 0 && (connect == nil || !connect.Changed) {
		return completeURL(cmd, args, begun)
	}
	if strings.HasPrefix(begun, "@") {
		return completeFile(cmd, args, begun)
	}
	d := dialectOf(cmd)
	if d == nil || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	verbs := namesOf(d.Verbs, func(v dialect.Verb) string { return cobra.CompletionWithDesc(v.Name, v.Description) })
	return verbs, cobra.ShellCompDirectiveNoFileComp
}

// dialectOf returns the dialect that --as names; nil = none, or it is invalid.
func dialectOf(cmd *cobra.Command) *dialect.Dialect {
	as := cmd.Flags().Lookup("as")
	if as == nil || as.Value.String() == "" {
		return nil
	}
	d, err := loadDialect(os.Getenv, as.Value.String())
	if err != nil {
		return nil
	}
	return d
}

// completeOption completes the options of the dialect that --as names, and files after NAME=@.
func completeOption(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if name, value, ok := strings.Cut(begun, "="); ok {
		files, directive := completeFile(cmd, args, value)
		for i := range files {
			files[i] = name + "=" + files[i]
		}
		return files, directive
	}
	d := dialectOf(cmd)
	if d == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	options := namesOf(d.Options, func(o dialect.Option) string { return cobra.CompletionWithDesc(o.Name+"=", o.Description) })
	return options, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeFile completes file names after @, and nothing else, since the value of the flag is a text.
func completeFile(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	const only = cobra.ShellCompDirectiveNoFileComp
	path, isFile := strings.CutPrefix(begun, "@")
	if !isFile || strings.HasPrefix(path, "@") {
		return nil, only
	}
	folder, beginning := filepath.Split(path)
	entries, err := os.ReadDir(cmp.Or(folder, "."))
	if err != nil {
		return nil, only
	}
	var files []string
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, beginning) || strings.HasPrefix(name, ".") && beginning == "" || strings.ContainsFunc(name, unicode.IsControl) {
			continue
		}
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && info.IsDir() {
			name += "/"
		}
		files = append(files, "@"+folder+name)
	}
	if len(files) == 1 && strings.HasSuffix(files[0], "/") {
		return files, only | cobra.ShellCompDirectiveNoSpace
	}
	return files, only
}

// completeValues registers the completion of flags: the choices of those that have some, and files where @ reads one.
func completeValues(root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("as", completeDialect)
	_ = root.RegisterFlagCompletionFunc("connect", completeURL)
	_ = root.RegisterFlagCompletionFunc("opt", completeOption)
	for _, name := range []string{"execute", "header", "user", "bearer"} {
		_ = root.RegisterFlagCompletionFunc(name, completeFile)
	}
	root.Flags().VisitAll(func(flag *pflag.Flag) {
		if one, ok := flag.Value.(*value.Choice); ok {
			_ = root.RegisterFlagCompletionFunc(flag.Name, cobra.FixedCompletions(one.Among, cobra.ShellCompDirectiveNoFileComp))
		}
	})
}
