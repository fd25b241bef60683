package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wsx/client/dial"
	"wsx/dialect"
)

// dialectExtension is the file name extension of dialects.
const dialectExtension = ".dialect"

const dialectLong = `wsx dialect lists the application protocols that --as supports, prints the file that describes one, and checks your own file.

--as NAME finds $XDG_CONFIG_HOME/wsx/dialects/NAME.dialect; --as also takes the path of a file.`

// dialectCommand returns the command wsx dialect. It does not connect.
func dialectCommand(s environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "dialect list|show NAME|check FILE",
		Short:   "list, show and check application protocols (dialects)",
		Long:    dialectLong + dialectTables(),
		Example: "  wsx dialect list\n  wsx dialect show socketio\n  wsx dialect check ./nostr.dialect",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return &dial.UsageError{Message: "wsx dialect needs list, show or check", Hint: "wsx dialect list; wsx dialect show NAME; wsx dialect check FILE"}
		},
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "list the dialects, each with its verbs and its protocol", Args: maxArgs(0),
			RunE: func(*cobra.Command, []string) error { return listDialects(s) },
		},
		&cobra.Command{
			Use: "show NAME", Short: "print the file of a dialect", Args: maxArgs(1), ValidArgsFunction: completeDialect,
			RunE: func(_ *cobra.Command, args []string) error { return showDialect(s, args) },
		},
		&cobra.Command{
			Use: "check FILE", Short: "check a dialect file and list its verbs and options", Args: maxArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return checkDialect(s, args) },
		},
	)
	return cmd
}

// dialectTables returns the tables of statements and actions, for help.
func dialectTables() string {
	words := linesOf(dialect.Words(), func(row [2]string) string { return fmt.Sprintf("  %s\n        %s", row[0], row[1]) })
	actions := linesOf(dialect.Actions(), func(row [2]string) string { return fmt.Sprintf("  %-22s %s", row[0], row[1]) })
	return "\n\nA dialect file consists of these statements; EXPR is a jq expression:\n\n" + words +
		"\nExpressions return actions:\n\n" + strings.TrimSuffix(actions, "\n")
}

func completeDialect(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, name := range dialectNames(os.Getenv) {
		meaning := ""
		if d, err := loadDialect(os.Getenv, name); err == nil {
			meaning = d.Description
		}
		names = append(names, cobra.CompletionWithDesc(name, meaning))
	}
	return names, cobra.ShellCompDirectiveDefault
}

// dialectFolder returns the folder of the user's dialects; "" = none.
func dialectFolder(env func(string) string) string {
	if folder := configFolder(env); folder != "" {
		return filepath.Join(folder, "dialects")
	}
	return ""
}

// dialectNames returns the names of the user's dialects and the built-in ones, sorted.
func dialectNames(env func(string) string) []string {
	names := dialect.Names()
	entries, _ := os.ReadDir(dialectFolder(env)) // there need not be any
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), dialectExtension); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// dialectSource reads the file of a dialect: a path, a file of the user, or a built-in one.
func dialectSource(env func(string) string, name string) (file string, content []byte, err error) {
	if isDialectFile(name) {
		content, err = os.ReadFile(name)
		return name, content, err
	}
	if folder := dialectFolder(env); folder != "" {
		file = filepath.Join(folder, name+dialectExtension)
		content, err = os.ReadFile(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, content, err
		}
	}
	content, ok := dialect.Source(name)
	if !ok {
		return "", nil, &dial.UsageError{Message: fmt.Sprintf("unknown dialect %.40q", name), Hint: "dialects: " + strings.Join(dialectNames(env), " ")}
	}
	return name + dialectExtension, content, nil
}

// isDialectFile reports whether the value of --as is the path of a file.
func isDialectFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, dialectExtension)
}

// loadDialect finds and compiles a dialect.
func loadDialect(env func(string) string, name string) (*dialect.Dialect, error) {
	file, content, err := dialectSource(env, name)
	if err != nil {
		return nil, err
	}
	return dialect.Parse(file, content)
}

func listDialects(s environment) error {
	var text strings.Builder
	for _, name := range dialectNames(s.getenv) {
		d, err := loadDialect(s.getenv, name)
		if err != nil {
			fmt.Fprintf(&text, "%-16s %v\n", name, err)
			continue
		}
		verbs := namesOf(d.Verbs, func(v dialect.Verb) string { return v.Name })
		fmt.Fprintf(&text, "%-16s %s: %s\n", name, d.Description, strings.Join(verbs, ", "))
	}
	_, err := s.stdout.WriteString(text.String())
	return err
}

func showDialect(s environment, args []string) error {
	if len(args) == 0 {
		return &dial.UsageError{Message: "no dialect was named", Hint: "dialects: " + strings.Join(dialectNames(s.getenv), " ")}
	}
	_, content, err := dialectSource(s.getenv, args[0])
	if err == nil {
		_, err = s.stdout.Write(content)
	}
	return err
}

func checkDialect(s environment, args []string) error {
	if len(args) == 0 {
		return &dial.UsageError{Message: "no file was named", Hint: "wsx dialect check FILE"}
	}
	content, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	d, err := dialect.Parse(args[0], content)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s: %s, rules: %d, verbs: %d\n", args[0], d.Name, d.Rules(), len(d.Verbs))
	for _, v := range d.Verbs {
		fmt.Fprintf(s.stdout, "  %-36s %s\n", v.Usage(), v.Description)
	}
	for _, o := range d.Options {
		fmt.Fprintf(s.stdout, "  --opt %-30s %s\n", o.Name, o.Description)
	}
	return nil
}
