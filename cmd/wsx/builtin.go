package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"wsx/client"
	"wsx/server"
)

// shutdownTime bounds the closing handshakes when a server shuts down.
const shutdownTime = 5 * time.Second

// startBuiltin starts the server that echo:, clock: or chat: names in this process, on a loopback port. It returns its URL and
// the function that stops it, and disables proxies. Any other URL is returned unchanged.
func startBuiltin(ctx context.Context, url string, o *client.Options) (string, func(), error) {
	name, rest, found := cutBuiltin(url)
	if !found {
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

// cutBuiltin returns the behaviour and the path of the URL of a built-in server, and reports whether it is one.
func cutBuiltin(url string) (name, rest string, found bool) {
	name, rest, found = strings.Cut(url, ":")
	return name, rest, found && isBehaviour(name) && (rest == "" || rest[0] == '/' || rest[0] == '?')
}

// isBuiltinURL reports whether a URL is that of a built-in server.
func isBuiltinURL(url string) bool {
	_, _, found := cutBuiltin(url)
	return found
}

func isBehaviour(name string) bool { return slices.Contains(behaviourNames(), name) }

func behaviourNames() []string {
	return namesOf(server.Behaviours(), func(b server.Behaviour) string { return b.Name })
}
