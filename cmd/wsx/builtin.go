package main

import (
	"context"
	"strings"

	"wsx/client"
	"wsx/server"
)

// startBuiltin starts the server that echo:, clock: or chat: names in this process, on a loopback port. It returns its URL and
// the function that stops it, and disables proxies. Any other URL is returned unchanged.
func startBuiltin(ctx context.Context, url string, o *client.Options) (string, func(), error) {
	name, rest, found := strings.Cut(url, ":")
	if !found || !isBehaviour(name) || rest != "" && !strings.ContainsRune("/?", rune(rest[0])) {
		return url, func() {}, nil
	}
	running, err := server.Listen(ctx, server.Options{Behaviour: name, Addr: "127.0.0.1:0"})
	if err != nil {
		return "", nil, err
	}
	o.Proxy = "none"
	end := func() {
		ending, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		running.Shutdown(ending)
	}
	return running.URL() + strings.TrimPrefix(rest, "/"), end, nil
}

func isBehaviour(name string) bool {
	for _, one := range server.Behaviours() {
		if one.Name == name {
			return true
		}
	}
	return false
}
