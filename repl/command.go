package repl

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"wsx/client"
)

// command is one row of the table that dispatch, /help, Tab and the manual read.
type command struct {
	name string
	args string // as /help shows them
	help string // one sentence without a full stop
	run  func(c *Conversation, ctx context.Context, arg string) error
}

// commands is the table, in the order of /help. It is a function because /help walks it.
func commands() []command {
	return []command{
		{"help", "[COMMAND]", "say what the commands do", (*Conversation).help},
		{"ping", "[DATA]", "send a Ping, and print the round trip when its Pong comes", (*Conversation).ping},
		{"pong", "[DATA]", "send a Pong that nobody asked for", (*Conversation).pong},
		{"close", "[CODE [REASON]]", "send a Close, and end when the server has answered", (*Conversation).close},
		{"quit", "", "say goodbye", (*Conversation).quit},
		{"text", "MSG", "send MSG as a text message, whatever it begins with", (*Conversation).text},
		{"binary", "MSG", "send MSG as a binary message", (*Conversation).binary},
		{"hex", "0102ff", "send a binary message written in hexadecimal", (*Conversation).hex},
		{"info", "", "tell what the connection is", (*Conversation).info},
	}
}

// obey does what a line that begins with one slash asks for.
func (c *Conversation) obey(ctx context.Context, line string) error {
	name, arg, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
	for _, row := range commands() {
		if row.name == name {
			return row.run(c, ctx, strings.TrimSpace(arg))
		}
	}
	return fmt.Errorf("unknown command /%s: /help lists them, //%s sends it as a message", name, name)
}

func (c *Conversation) help(_ context.Context, arg string) error {
	arg = strings.TrimPrefix(arg, "/")
	var text strings.Builder
	for _, row := range commands() {
		if arg == "" || arg == row.name {
			fmt.Fprintf(&text, "%-24s %s\n", strings.TrimSpace("/"+row.name+" "+row.args), row.help)
		}
	}
	if text.Len() == 0 {
		return fmt.Errorf("no command /%s: /help lists them", arg)
	}
	return c.Display.Tell(strings.TrimSuffix(text.String(), "\n"))
}

func (c *Conversation) ping(_ context.Context, arg string) error { return c.session.Ping([]byte(arg)) }

func (c *Conversation) pong(_ context.Context, arg string) error { return c.session.Pong([]byte(arg)) }

func (c *Conversation) close(_ context.Context, arg string) error {
	if arg == "" {
		return c.hangUp(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	number, reason, _ := strings.Cut(arg, " ")
	code, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("close code %q is not a number", number)
	}
	return c.hangUp(code, strings.TrimSpace(reason))
}

func (c *Conversation) quit(context.Context, string) error { return errQuit }

func (c *Conversation) text(_ context.Context, arg string) error {
	return c.session.Send(client.Text, []byte(arg))
}

func (c *Conversation) binary(_ context.Context, arg string) error {
	return c.session.Send(client.Binary, []byte(arg))
}

func (c *Conversation) hex(_ context.Context, arg string) error {
	data, err := hex.DecodeString(strings.Join(strings.Fields(arg), ""))
	if err != nil {
		return fmt.Errorf("hexadecimal digits in pairs are wanted: %w", err)
	}
	return c.session.Send(client.Binary, data)
}
