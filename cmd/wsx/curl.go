package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/curl"
	"wsx/repl"
)

const curlLong = `wsx curl makes the connection that a curl command line describes, like the one that "Copy as cURL" in a browser's developer
tools copies. Type wsx and a space, then paste. Flags of wsx go before the word curl, and override the curl options.

Headers that belong to the connection or to the WebSocket handshake are ignored, and https becomes wss. -H, -A, -e, -b, -u,
-k, -x, -U, -L, -m, --resolve, --connect-to, --cacert, --cert, --key and similar options have the same meaning as in curl.
An option that has no meaning for a WebSocket is an error (exit code 2).

wsx --paste reads such a command line from standard input, and understands the quoting of bash, cmd.exe and PowerShell. At
the prompt, /open takes one. /curl and --print curl write the present connection as a command line.`

const curlExample = `  wsx curl 'wss://example.com/feed' -H 'Origin: https://example.com' -b 'session=abc'
  wsx --json -1 curl 'https://example.com/feed' -k -u me
  wsx --paste`

// curlCommand returns the command wsx curl, for its help and completion only: splitCurl handles its arguments before the flags
// are parsed.
func curlCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "curl URL [OPTION...]",
		Short:              "connect with the options of a curl command line, such as one copied from a browser",
		Long:               curlLong,
		Example:            curlExample,
		DisableFlagParsing: true,
		ValidArgsFunction: func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
			if strings.HasPrefix(begun, "-") {
				return curl.Options(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return cmd.Help()
			}
			return &dial.UsageError{Message: "no curl command line was given: paste it after wsx", Hint: "wsx curl --help; wsx --paste reads one from standard input"}
		},
	}
}

// splitCurl splits arguments at the word curl, if that is the first argument that is not a flag and not the last one: words are
// the arguments of curl, nil if there are none.
func splitCurl(args []string, set *pflag.FlagSet) (before, words []string) {
	at := firstWord(args, set)
	if at+1 >= len(args) || args[at] != "curl" && args[at] != "curl.exe" || at > 0 && args[at-1] == "--" {
		return args, nil
	}
	if next := args[at+1]; next == "--help" || next == "-h" {
		return args, nil
	}
	return args[:at], args[at+1:]
}

// curlURL returns the URL of the curl command line after the flags or on standard input, and uses its options as a preset.
func (f *flags) curlURL(s environment, args []string) (string, error) {
	if f.paste && f.curlWords != nil || f.connect+f.listen != "" || len(args) > 0 {
		return "", &dial.UsageError{Message: "the curl command line already has a URL: give only one"}
	}
	var command *curl.Command
	var err error
	if f.paste {
		command, err = readPaste(s)
	} else {
		command, err = curl.Parse(f.curlWords, os.ReadFile)
	}
	if err != nil {
		return "", err
	}
	f.use(&preset{options: command.Options, netrc: command.Netrc, timeout: command.Timeout, verbose: command.Verbose})
	return command.URL, nil
}

// maxPaste bounds a command line on standard input, in bytes. A terminal in canonical mode delivers at most maxTerminalLine
// bytes of a line and drops the rest.
const (
	maxPaste        = 1 << 20
	maxTerminalLine = 4095
)

// readPaste reads a command line from standard input, byte by byte, so that what follows it is not consumed.
func readPaste(s environment) (*curl.Command, error) {
	typed := isTerminal(s.stdin)
	if typed {
		fmt.Fprintln(s.stderr, "* paste a command line that was copied from a browser, and press Enter")
	}
	var text strings.Builder
	start := 0 // of the last line
	for one := make([]byte, 1); text.Len() < maxPaste; {
		n, err := s.stdin.Read(one)
		if n > 0 {
			text.WriteByte(one[0])
		}
		if n == 0 && err != nil && err != io.EOF {
			return nil, err
		}
		if typed && text.Len()-start >= maxTerminalLine {
			return nil, &dial.UsageError{Message: "the line is longer than a terminal can pass on", Hint: "wsx --paste <FILE reads it from a file; /open at the prompt accepts it"}
		}
		if n > 0 && one[0] != '\n' {
			continue
		}
		start = text.Len()
		if n == 0 || curl.IsComplete(text.String()) {
			break
		}
	}
	if strings.TrimSpace(text.String()) == "" {
		return nil, &dial.UsageError{Message: "--paste: there is no command line on standard input", Hint: "wsx --paste <FILE, or paste it at a terminal"}
	}
	command, err := curl.ParseLine(text.String(), os.ReadFile)
	if errors.Is(err, curl.ErrIncomplete) {
		return nil, &dial.UsageError{Message: "--paste: " + err.Error()}
	}
	return command, err
}

// printCommand prints the command line with which another program makes the same connection.
func (f *flags) printCommand(s environment, url string) error {
	if f.listen != "" || isBuiltinURL(url) {
		return &dial.UsageError{Message: "--print does not work with the built-in servers"}
	}
	options, err := f.options(s, &ui{})
	if err != nil {
		return err
	}
	config := repl.Config{URL: url, Options: options}
	var hidden []string
	if f.dialect != nil {
		hidden = f.dialect.State.Secrets()
		if err := f.connectAs(context.Background(), f.dialect, &config); err != nil {
			return err
		}
	}
	if err := config.Options.Check(); err != nil {
		return err
	}
	line, missing, err := curl.Write(f.print.Value, config.URL, config.Options.Options, f.showSecrets, hidden...)
	if err != nil {
		return err
	}
	if len(missing) > 0 && !f.quiet {
		fmt.Fprintf(s.stderr, "* %s has no option for this: %s\n", f.print.Value, strings.Join(missing, ", "))
	}
	_, err = fmt.Fprintln(s.stdout, line)
	return err
}
