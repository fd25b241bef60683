package main

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"wsx/client/dial"
)

// dialingFlags are the flags that only say how to connect to a server. With --listen clients connect.
func dialingFlags() []string {
	return []string{
		"header", "cookie", "host", "user-agent", "user", "auth", "bearer", "netrc", "netrc-file",
		"ca", "insecure", "no-check", "servername", "pin-sha256",
		"proxy", "resolve", "connect-to", "ipv4", "ipv6", "unix-socket", "location", "max-redirects", "connect-timeout",
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
				Message: fmt.Sprintf("--%s says how to connect, and with --listen clients do", flag.Name),
				Advice:  "-c URL connects",
			}
		}
	})
	return refused
}
