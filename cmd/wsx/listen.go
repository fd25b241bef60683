package main

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"wsx/client/dial"
)

// dialingFlags are the flags that only say how to connect to a server. With --listen clients connect. Flags that wscat accepts
// with -l and passes over are missing here, but for the header, which the user must want to be sent.
func dialingFlags() []string {
	return []string{
		"header", "cookie", "user-agent", "user", "bearer", "netrc", "netrc-file", "aws-sigv4",
		"insecure", "servername", "pin-sha256",
		"proxy", "resolve", "connect-to", "ipv4", "ipv6", "unix-socket", "location", "connect-timeout",
	}
}

// checkListen refuses flags that --listen does not use.
func (f *flags) checkListen(set *pflag.FlagSet) error {
	if f.listen == "" {
		return nil
	}
	var refused error
	set.Visit(func(flag *pflag.Flag) {
		if refused == nil && slices.Contains(dialingFlags(), flag.Name) {
			refused = &dial.UsageError{
				Message: fmt.Sprintf("--%s is about connecting to a server: it cannot be used with --listen", flag.Name),
				Advice:  "-c URL connects to a server",
			}
		}
	})
	return refused
}
