package main

import (
	"fmt"
	"strconv"
	"strings"

	"wsx/client/dial"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// joinOptionalValues rewrites "--passphrase secret" as "--passphrase=secret". Four flags have an optional value, as in wscat,
// and the parser accepts that only after an equals sign. A URL is never such a value.
func joinOptionalValues(args []string, set *pflag.FlagSet) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...)
		}
		flag, takesNext := trailingFlag(arg, set)
		switch {
		case flag == nil:
			out = append(out, arg)
		case takesNext && i+1 < len(args):
			out = append(out, arg, args[i+1])
			i++
		case i+1 < len(args) && optionalValue(flag.Name, args[i+1]):
			out = append(out, arg+"="+args[i+1])
			i++
		default:
			out = append(out, arg)
		}
	}
	return out
}

// optionalValue reports whether a word can be the optional value of a flag.
func optionalValue(name, word string) bool {
	switch name {
	case "passphrase":
		return !strings.HasPrefix(word, "-") && !strings.Contains(word, "://")
	case "max-redirects":
		_, err := strconv.Atoi(word)
		return err == nil
	case "aws-sigv4":
		region, service, both := strings.Cut(word, "/")
		return both && service != "" && !strings.ContainsAny(word, ":.@") && strings.Count(region, "-") >= 2
	case "timestamps":
		return word == "wall" || word == "relative" || word == "delta"
	}
	return false
}

// trailingFlag returns the flag whose value the next argument could be, and reports whether it must be.
func trailingFlag(arg string, set *pflag.FlagSet) (flag *pflag.Flag, takesNext bool) {
	switch {
	case strings.Contains(arg, "=") || len(arg) < 2 || arg[0] != '-':
		return nil, false
	case strings.HasPrefix(arg, "--"):
		flag = set.Lookup(arg[2:])
	default:
		for i, letter := range arg[1:] {
			flag = set.ShorthandLookup(string(letter))
			if flag == nil {
				return nil, false
			}
			if flag.NoOptDefVal == "" && i+2 < len(arg) {
				return nil, false // the rest of the word is its value
			}
			if flag.NoOptDefVal == "" {
				break
			}
		}
	}
	return flag, flag != nil && flag.NoOptDefVal == ""
}

// firstWord returns the index of the first argument that is neither a flag nor its value, or their number.
func firstWord(args []string, set *pflag.FlagSet) int {
	for i := 0; i < len(args); i++ {
		switch _, takesNext := trailingFlag(args[i], set); {
		case takesNext:
			i++
		case args[i] == "--":
			return i + 1
		case len(args[i]) > 1 && args[i][0] == '-':
		default:
			return i
		}
	}
	return len(args)
}

// maxArgs returns a check that a command gets at most this many arguments.
func maxArgs(most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= most {
			return nil
		}
		return &dial.UsageError{
			Message: fmt.Sprintf("%s does not take the argument %q", cmd.CommandPath(), args[most]),
			Hint:    cmd.CommandPath() + " --help shows its arguments",
		}
	}
}
