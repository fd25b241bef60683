//go:build linux || darwin

package main

import (
	"testing"
)

// mirror is a dialect in which messages of the echo server are replies.
const mirror = `name mirror "A mirror: what comes back is the reply"
on .type == "call" => reply(.id; .args)
on .type == "tell" => event(.name; .args)
on .type == "fail" => failure(.id; "broken")
on .type == "beat" => quiet
verb call NAME [ARG:value...] "send it, and await it" => send({type: "call", id: $id, args: [.NAME, .ARG[]]}), await($id)
verb tell NAME [ARG:value...] "send an event" => send({type: "tell", name: .NAME, args: .ARG})
verb fail "fail" => send({type: "fail", id: $id}), await($id)
`

// TestDialectAtThePrompt: verbs are slash commands with Tab and /help, events are shown with names, and /as changes the dialect.
func TestDialectAtThePrompt(t *testing.T) {
	t.Parallel()
	path := fileWith(t, "mirror.dialect", mirror)
	s := connectAtTerminal(t, "--no-history", "--as", path, echoURL(t))
	s.typeKeys("/call add 2 {\"a\": 1} \"3\"\r")
	s.waitForMatch(`\(reply add, [0-9.µm]+s\) \[`)
	s.typeKeys("/fail\r")
	s.waitForMatch(`\(error fail, [0-9.µm]+s\) broken`)
	s.typeKeys("/tell news hello\r")
	s.waitForMatch(`\(news\) \[\s+"hello"`)
	s.discard()
	s.typeKeys("/tell ne\t")
	s.waitFor("/tell news")
	s.typeKeys("\x15/help call\r")
	s.waitFor("/call NAME [ARG...]")
	s.typeKeys("/call\r")
	s.waitFor("call without NAME")
	s.typeKeys("{\"type\":\"beat\"}\r")
	s.typeKeys("/as off\r")
	s.discard()
	s.typeKeys("{\"type\":\"call\"}\r")
	s.waitFor(`"type": "call"`)
	s.typeKeys("/as nosuch\r")
	s.waitFor("unknown dialect")
	s.typeKeys("/as jsonrpc\r/notify hello\r")
	s.waitFor("(hello) []")
}

// TestVerbAtATerminal: a verb on the command line prints its reply as in a pipe, without a prompt.
func TestVerbAtATerminal(t *testing.T) {
	t.Parallel()
	path := fileWith(t, "mirror.dialect", mirror)
	s := startAtTerminal(t, "--as", path, echoURL(t), "call", "add", "2")
	s.waitFor("[\"add\",2]\r\n")
	s.wantExit(0)
}

// TestProtocolIsRecognized: a note names the protocol, once.
func TestProtocolIsRecognized(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", echoURL(t))
	s.typeKeys("{\"type\":\"connection_ack\"}\r")
	s.waitFor("looks like GraphQL: --as graphql-ws")
}

// TestRulesAtThePrompt adds, lists and removes rules and timers.
func TestRulesAtThePrompt(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", echoURL(t))
	s.typeKeys("/on ^ping$ => pong\r/every 20ms => tick\r/on\r")
	s.waitFor("1  ^ping$ => pong")
	s.waitForRows("< tick")
	s.typeKeys("/every off 1\rping\r")
	s.waitForRows("< pong")
	s.typeKeys("/every\r")
	s.waitFor("the list is empty")
}
