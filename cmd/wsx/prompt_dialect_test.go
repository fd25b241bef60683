//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// mirror is a dialect in which the echo server replies.
const mirror = `name mirror "A mirror: what comes back is the reply"
on .type == "call" => reply(.id; .args)
on .type == "tell" => event(.name; .args)
on .type == "fail" => failure(.id; "broken")
on .type == "beat" => quiet
verb call NAME [ARG:value...] "send it, and await it" => send({type: "call", id: $id, args: [.NAME, .ARG[]]}), await($id)
verb tell NAME [ARG:value...] "send an event" => send({type: "tell", name: .NAME, args: .ARG})
verb fail "fail" => send({type: "fail", id: $id}), await($id)
`

// TestDialectAtThePrompt has verbs as slash commands with Tab and /help, names before what comes, and another dialect.
func TestDialectAtThePrompt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mirror.dialect")
	if err := os.WriteFile(path, []byte(mirror), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sit(t, "--no-history", "--as", path, echoURL(t))
	s.sees("connected")
	s.types("/call add 2 {\"a\": 1} \"3\"\r")
	s.seesMatch(`\(reply add, [0-9.µm]+s\) \[`)
	s.types("/fail\r")
	s.seesMatch(`\(error fail, [0-9.µm]+s\) broken`)
	s.types("/tell news hello\r")
	s.seesMatch(`\(news\) \[\s+"hello"`)
	s.forget()
	s.types("/tell ne\t")
	s.sees("/tell news")
	s.types("\x15/help call\r")
	s.sees("/call NAME [ARG...]")
	s.types("/call\r")
	s.sees("call without NAME")
	s.types("{\"type\":\"beat\"}\r")
	s.types("/as off\r")
	s.forget()
	s.types("{\"type\":\"call\"}\r")
	s.sees(`"type": "call"`)
	s.types("/as nosuch\r")
	s.sees("unknown dialect")
	s.types("/as jsonrpc\r/notify hello\r")
	s.sees("(hello) []")
}

// TestVerbAtATerminal has the reply of one verb as in a pipe, and no prompt.
func TestVerbAtATerminal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mirror.dialect")
	if err := os.WriteFile(path, []byte(mirror), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sit(t, "--as", path, echoURL(t), "call", "add", "2")
	s.sees("[\"add\",2]\r\n")
	s.leaves(0)
}

// TestGreetingIsRecognized has a note at a terminal, once.
func TestGreetingIsRecognized(t *testing.T) {
	t.Parallel()
	s := sit(t, "--no-history", echoURL(t))
	s.sees("connected")
	s.types("{\"type\":\"connection_ack\"}\r")
	s.sees("looks like GraphQL: --as graphql-ws")
}

// TestRulesAtThePrompt has rules and timers added, listed and removed.
func TestRulesAtThePrompt(t *testing.T) {
	t.Parallel()
	s := sit(t, "--no-history", echoURL(t))
	s.sees("connected")
	s.types("/on ^ping$ => pong\r/every 20ms => tick\r/on\r")
	s.sees("1  ^ping$ => pong")
	s.receives("< tick")
	s.types("/every off 1\rping\r")
	s.receives("< pong")
	s.types("/every\r")
	s.sees("none")
}
