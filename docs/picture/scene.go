//go:build linux || darwin

package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"wsx/server"
)

// step is keys that are typed, or what Bob says, and what must be on the screen before the next one.
type step struct{ keys, bob, until string }

// scene is what the picture shows, of a chat at a port.
func scene(port string) []step {
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

// play acts the scene, and returns all that was written to the terminal.
func play(program, home string) ([]byte, error) {
	chat, port, err := listen()
	if err != nil {
		return nil, err
	}
	defer chat.Shutdown(context.Background())
	bob, err := join(program, chat.URL()+"?name=bob")
	if err != nil {
		return nil, err
	}
	defer bob.leave()
	ann, err := sit(home)
	if err != nil {
		return nil, err
	}
	defer ann.leave()
	for _, now := range scene(port) {
		ann.types(now.keys)
		bob.says(now.bob)
		if err := ann.sees(now.until); err != nil {
			return nil, err
		}
	}
	return masked(ann.written(), port), nil
}

// listen starts a chat at the port that the picture shows, or the next that is free.
func listen() (*server.Server, string, error) {
	var err error
	for port := 8080; port < 8180; port++ {
		var chat *server.Server
		chat, err = server.Listen(context.Background(), server.Options{Behaviour: "chat", Addr: fmt.Sprintf("127.0.0.1:%d", port)})
		if err == nil {
			return chat, fmt.Sprint(port), nil
		}
	}
	return nil, "", err
}

var (
	trip  = regexp.MustCompile(`after [0-9.]+(µs|ms|s)`)
	inner = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// masked has what differs from one run to another replaced: ports, and how long the ping took.
func masked(written, port string) []byte {
	written = strings.ReplaceAll(written, "localhost:"+port, "localhost:8080")
	written = inner.ReplaceAllString(written, "127.0.0.1:40404")
	return []byte(trip.ReplaceAllString(written, "after 160µs"))
}
