//go:build linux || darwin

package main

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"

	"wsx/server"
)

// step is keys that are typed, or what Bob sends, and what must be on the screen before the next one.
type step struct{ keys, bob, until string }

// picture is one of those that pages show.
type picture struct {
	file  string
	title string // for screen readers
	play  func(program string) ([]byte, error)
	loose bool // it has measurements, whose number of digits differs
}

func pictures() []picture {
	return []picture{
		{"docs/terminal.svg", "A terminal with wsx", playPrompt, false},
		{"docs/dialect.svg", "A terminal with wsx speaking GraphQL", playDialect, false},
		{"docs/check.svg", "A terminal with wsx check and wsx bench", playCheck, true},
	}
}

// promptSteps is a session with the echo server, and a chat at a port.
func promptSteps(port string) []step {
	chat := "ws://localhost:" + port + "/?name=ann"
	return []step{
		{until: "$ "},
		{keys: "wsx echo:\r", until: "> "},
		{keys: `{"op":"subscribe","depth":2.5,"pairs":["EUR/USD",null],"snapshot":true}` + "\r", until: "\n  }"},
		{keys: "/ping\r", until: "received pong after"},
		{keys: "/hex 89504e470d0a1a0a0000000d4948445200000320000001a4\r", until: "00000010"},
		{keys: "/close 1000 that was all\r", until: "disconnected"},
		{until: "$ "},
		{keys: "wsx '" + chat + "'\r", until: "ann joined."},
		{bob: "good morning", until: "good morning"},
		{keys: "hello bob\r", until: "ann says: hello bob"},
		{keys: "what arrives does not dis", until: "dis"},
		{bob: "this came while you were typing", until: "typing"},
		{until: "dis"},
	}
}

// playPrompt returns all that was written to the terminal.
func playPrompt(program string) ([]byte, error) {
	chat, port, err := listenNear(8080, func(address string) (*server.Server, error) {
		return server.Listen(context.Background(), server.Options{Behaviour: "chat", Addr: address})
	})
	if err != nil {
		return nil, err
	}
	defer chat.Shutdown(context.Background())
	bob, err := join(program, chat.URL()+"?name=bob")
	if err != nil {
		return nil, err
	}
	defer bob.close()
	written, err := act(program, promptSteps(port), bob)
	return masked(written, port, "8080"), err
}

// playDialect has two application protocols: in the shell, and at the prompt.
func playDialect(program string) ([]byte, error) {
	paths := http.NewServeMux()
	paths.HandleFunc("/graphql", quotes())
	paths.HandleFunc("/rpc", account())
	server, port, err := listenNear(4000, serving(paths))
	if err != nil {
		return nil, err
	}
	defer server.Close()
	written, err := act(program, []step{
		{until: "$ "},
		{keys: "wsx --as graphql-ws localhost:" + port + "/graphql \\\r", until: "> "},
		{keys: "  subscribe 'subscription{quote{pair bid}}' -C 2 --jq .data.quote.bid\r", until: "1.0823"},
		{until: "$ "},
		{keys: "wsx --as jsonrpc localhost:" + port + "/rpc\r", until: "> "},
		{keys: "/help call\r", until: "/call "},
		{until: "> "},
		{keys: "/call balance ann\r", until: "(price)"},
		{until: "> "},
		{keys: "/call transfer 5\r", until: "(error transfer"},
		{until: "> "},
	}, nil)
	return masked(written, port, "4000"), err
}

// playCheck runs wsx check and wsx bench on a server.
func playCheck(program string) ([]byte, error) {
	server, port, err := listenNear(8080, serving(http.HandlerFunc(echoUnchecked)))
	if err != nil {
		return nil, err
	}
	defer server.Close()
	written, err := act(program, []step{
		{until: "$ "},
		{keys: "wsx check --only fragment,utf8.valid,utf8.invalid/cut-4-last localhost:" + port + "\r", until: "inconclusive"},
		{until: "$ "},
		{keys: "wsx bench --connections 20 --duration 2s --slo 'p99<1s' localhost:" + port + "\r", until: "client CPU"},
		{until: "$ "},
	}, nil)
	return masked(written, port, "8080"), err
}

// act types the keys of steps into a shell, and returns all that was written to its terminal.
func act(program string, steps []step, bob *chatClient) (string, error) {
	ann, err := startShell(filepath.Dir(program))
	if err != nil {
		return "", err
	}
	defer ann.close()
	for _, now := range steps {
		ann.typeKeys(now.keys)
		if now.bob != "" {
			bob.send(now.bob)
		}
		if err := ann.waitFor(now.until); err != nil {
			return "", err
		}
	}
	return ann.output.Text(), nil
}

var (
	trip  = regexp.MustCompile(`after [0-9.]+(µs|ms|s)`)
	pair  = regexp.MustCompile(`, [0-9.]+(µs|ms|s)\)`)
	inner = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// masked replaces what differs from one run to another: ports, and how long a ping or a reply took.
func masked(written, port, shown string) []byte {
	written = strings.ReplaceAll(written, "localhost:"+port, "localhost:"+shown)
	written = inner.ReplaceAllString(written, "127.0.0.1:40404")
	written = pair.ReplaceAllString(written, ", 160µs)")
	return []byte(trip.ReplaceAllString(written, "after 160µs"))
}
