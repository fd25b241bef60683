package main

import (
	"errors"
	"fmt"
	"strings"

	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/repl"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const examples = `  wsx echo:                                   try it with the built-in server
  wsx wss://example.com/feed                  connect to a server
  wsx -x hello -1 ws://localhost:8080         send one message, print one answer
  printf 'a\nb\n' | wsx ws://localhost:8080   lines in, messages out
  wsx --json ws://localhost:8080 | jq .data   events as JSON, for scripts
  wsx -H 'Authorization: Bearer TOKEN' -s chat wss://example.com/chat`

// rootCommand builds the root command, wsx URL, without subcommands.
func rootCommand(f *flags, s environment, connect func(url string) error) *cobra.Command {
	root := &cobra.Command{
		Use:               "wsx [flags] URL",
		Short:             "A WebSocket client for terminals and scripts",
		Long:              "wsx is a WebSocket client: a prompt at a terminal, a pipe in a script.",
		Example:           examples,
		Version:           version(),
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		ValidArgsFunction: completeWords,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.checkListen(cmd.Flags()); err != nil {
				return err
			}
			if len(args) > 0 && f.connect == "" && f.listen == "" {
				if err := checkWord(cmd, args[0]); err != nil {
					return err
				}
			}
			url, err := f.url(s, args)
			if err != nil {
				return err
			}
			return connect(url)
		},
	}
	root.SetVersionTemplate(versionLine)
	root.Flags().BoolP("version", "V", false, "print the version")
	declare(sections(), f, root.Flags())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, err) })
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	root.SetHelpFunc(help(root))
	return root
}

// url returns the URL of the server, or the address of --listen, and splits off the verb.
func (f *flags) url(s environment, args []string) (string, error) {
	if f.paste || f.curlWords != nil {
		return f.curlURL(s, args)
	}
	if f.connect != "" {
		args = append([]string{f.connect}, args...)
	}
	if name, isContext := contextName(args); isContext && f.listen == "" {
		url, err := f.useContext(s, name)
		if err != nil {
			return "", err
		}
		args = append([]string{url}, args[1:]...)
	}
	if f.as != "" && len(args) > 1 && f.listen == "" {
		args, f.verb = args[:1], args[1:]
	}
	switch {
	case f.listen != "" && f.connect != "":
		return "", &dial.UsageError{Message: "use either --listen or --connect, not both"}
	case f.listen != "":
		if len(args) > 0 {
			return "", &dial.UsageError{Message: "use either --listen or a URL, not both: " + dial.RedactURL(args[0])}
		}
		return f.listen, nil
	case f.all:
		return "", &dial.UsageError{Message: "--all needs --listen"}
	case len(args) == 0:
		return "", &dial.UsageError{Message: "no URL was given", Hint: "wsx URL connects to a server; wsx echo: connects to a built-in one; wsx --help shows more"}
	case len(args) > 1:
		usage := &dial.UsageError{
			Message: fmt.Sprintf("expected one URL, but got %d arguments", len(args)), // which may be secrets, as of a header without quotes
			Hint:    "quote an argument that has spaces; wsx -x MSG URL sends a message",
		}
		if f.timestamps.Given {
			usage.Hint = "-T without a value means -T wall; the other values are relative and delta"
		}
		return "", usage
	}
	return args[0], nil
}

// flagError adds a suggestion to the parser's error.
func flagError(cmd *cobra.Command, err error) error {
	usage := &dial.UsageError{Message: err.Error(), Hint: listsFlags(cmd)}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return invalidValue(cmd, invalid)
	}
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return usage
	}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if isSimilar(name, flag.Name) {
			usage.Hint = "did you mean --" + flag.Name + "?"
		}
	})
	return usage
}

// listsFlags returns the hint that names the help of a command.
func listsFlags(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return cmd.CommandPath() + " --help lists the flags"
	}
	return "wsx help all lists the flags"
}

// invalidValue returns the error for an invalid value of a flag.
func invalidValue(cmd *cobra.Command, invalid *pflag.InvalidValueError) error {
	flag, text, reason := invalid.GetFlag(), invalid.GetValue(), invalid.Unwrap().Error()
	switch flag.Value.Type() {
	case "int":
		reason = "expected an integer"
	case "uint16":
		reason = "expected an integer up to 65535"
	case "bool":
		if _, signs := flag.Value.(*value.AWSScope); !signs { // its Type is "bool" only for help
			reason = "expected true or false"
		}
	}
	name := spellings(flag)
	usage := &dial.UsageError{Message: fmt.Sprintf("%s %.60q: %s", name, text, reason), Hint: listsFlags(cmd)}
	if strings.Contains(text, "://") || strings.HasSuffix(text, ":") {
		what, _ := pflag.UnquoteUsage(flag)
		usage.Hint = fmt.Sprintf("%s needs a value before the URL: %s %s %.60s", name, name[strings.LastIndexByte(name, ' ')+1:], what, text)
	}
	return usage
}

// spellings returns the names of a flag: "-x, --execute".
func spellings(flag *pflag.Flag) string {
	if flag.Shorthand == "" {
		return "--" + flag.Name
	}
	return "-" + flag.Shorthand + ", --" + flag.Name
}

// isSimilar reports whether a may be a misspelled b: b begins with a, or they differ in at most two letters.
func isSimilar(a, b string) bool {
	return len(a) > 2 && strings.HasPrefix(b, a) || repl.Distance(a, b) <= min(2, len(b)/3)
}

// checkWord returns an error for a word that resembles the name of a command, before it is used as the name of a server.
func checkWord(root *cobra.Command, word string) error {
	if namesServer(word) {
		return nil
	}
	for _, sub := range listedCommands(root) {
		if isSimilar(word, sub.Name()) {
			return &dial.UsageError{
				Message: fmt.Sprintf("no command %q", word),
				Hint:    fmt.Sprintf("did you mean wsx %s? wss://%s connects to the host of that name", sub.Name(), word),
			}
		}
	}
	return nil
}

// namesServer reports whether a word is the address of a server and cannot be a misspelled command.
func namesServer(word string) bool { return strings.ContainsAny(word, ".:/[@") || word == "localhost" }
