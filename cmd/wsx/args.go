package main

import (
	"strconv"
	"strings"

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
