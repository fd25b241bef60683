package main

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"wsx/client/dial"
)

// dialingFlags returns the flags that only configure how to connect to a server, and are errors with --listen. Flags that wscat
// accepts and ignores with -l are not in the list, except those whose user expects them to protect something or to be sent.
func dialingFlags() []string {
	return []string{
		"header", "cookie", "user-agent", "user", "auth", "bearer", "netrc", "netrc-file", "aws-sigv4",
		"insecure", "ca", "servername", "tls-min", "pin-sha256",
		"proxy", "resolve", "connect-to", "ipv4", "ipv6", "unix-socket", "location", "max-redirects", "connect-timeout", "reconnect-max",
	}
}

// checkListen returns an error for a flag that has no effect with --listen.
func (f *flags) checkListen(set *pflag.FlagSet) error {
	if f.listen == "" {
		return nil
	}
	var refused error
	set.Visit(func(flag *pflag.Flag) {
		if refused == nil && slices.Contains(dialingFlags(), flag.Name) {
			refused = &dial.UsageError{
				Message: fmt.Sprintf("--%s is about connecting to a server: it cannot be used with --listen", flag.Name),
				Hint:    "-c URL connects to a server",
			}
		}
	})
	return refused
}
