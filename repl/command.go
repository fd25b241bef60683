package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wsx/curl"
	"wsx/terminal"
)

// command is one row of the table that dispatch, /help, Tab and the hint line read.
type command struct {
	name string
	args string // as /help shows them
	help string // one sentence without a full stop
	run  func(c *sender, ctx context.Context, arg string) error
	// words are what Tab offers for an argument that begins so; nil = nothing of its own
	words func(begun string) []terminal.Candidate
}

// commands returns the table, in the order of /help. It is a function because /help walks it.
func commands() []command {
	return []command{
		{"help", "[COMMAND]", "show what commands do", (*sender).help, commandNames},
		{"ping", "[DATA]", "send a Ping, and print the round trip when its Pong comes", (*sender).ping, nil},
		{"pong", "[DATA]", "send a Pong that is no answer", (*sender).pong, nil},
		{"close", "[CODE [REASON]]", "send a Close, and end when the server has answered", (*sender).close, closeCodes},
		{"quit", "", "close the connection, and end", (*sender).quit, nil},
		{"text", "MSG", "send MSG as a text message, whatever it begins with", (*sender).text, nil},
		{"binary", "MSG", "send MSG as a binary message", (*sender).binary, nil},
		{"hex", "0102ff", "send a binary message written in hexadecimal", (*sender).hex, nil},
		{"base64", "AQL/", "send a binary message written in base64", (*sender).base64, nil},
		{"file", "PATH [text|binary]", "send a file as one message", (*sender).file, files},
		{"edit", "", "write a message in $VISUAL or $EDITOR, and send it", (*sender).edit, nil},
		{"fragment", "SIZE MSG", "send MSG in frames of SIZE bytes", (*sender).fragment, nil},
		{"send", "NAME", "send the message that /keep gave a name", (*sender).sendKept, nil},
		{"keep", "NAME", "give the last message that was sent a name, for this host", (*sender).keep, nil},
		{"pretty", "[MSG]", "put MSG, or the last message that was sent, to the prompt as indented JSON", (*sender).pretty, nil},
		{"last", "", "show the last message whole", (*sender).last, nil},
		{"save", "FILE", "write the last message that was received to a file, byte for byte", (*sender).save, files},
		{"format", "[NAME]", "show messages in another format; alone, show which", (*sender).format, formats},
		{"rows", "[N|all|off]", "cut messages after N rows on the screen; alone, show after how many", (*sender).rows, rowNumbers},
		{"timestamps", "[MODE|off]", "show when messages were received; alone, show how", (*sender).timestamps, timestampModes},
		{"trace", "[on|off]", "show every frame; alone, show whether", (*sender).trace, onOff},
		{"jq", "[EXPR|off]", "show what a jq expression makes of JSON messages; alone, show which", (*sender).jq, offOnly},
		{"template", "[T|off]", "show messages with a Go template; alone, show which", (*sender).template, offOnly},
		{"only", "[WORD...|off]", "show only some messages and frames; alone, show which", (*sender).only, onlyWords},
		{"grep", "[REGEX|off]", "show only messages that match; alone, show which", (*sender).grep, offOnly},
		{"grep-v", "[REGEX|off]", "show only messages that do not match; alone, show which", (*sender).grepV, offOnly},
		{"record", "[FILE|off]", "record the session as JSON events; alone, show where", (*sender).record, files},
		{"replay", "FILE", "send what a recording has sent", (*sender).replay, files},
		{"expect", "REGEX", "wait for a message that matches, also one received since the last line", (*sender).expect, nil},
		{"wait", "D", "wait, like 500ms, before the next line", (*sender).wait, nil},
		{"stats", "", "show what was sent and received, and how long round trips take", (*sender).stats, nil},
		{"open", "URL|@NAME|curl ...", "connect to another server, also by the name of a context or as a line of curl says, and leave this one when that worked", (*sender).open, nil},
		{"curl", "[PROGRAM]", "write this connection as a command line of curl, wscat or websocat", (*sender).writeCommand, programs},
		{"reconnect", "", "try to connect at once, without the pause before it", (*sender).retry, nil},
		{"as", "NAME|off", "speak an application protocol on this connection, like socketio", (*sender).as, dialectNames},
		{"on", "[REGEX => MSG | jq EXPR | off [N]]", "answer each message that matches; alone, list the rules", (*sender).onCommand, nil},
		{"every", "[D => MSG | off [N]]", "send a message every D; alone, list them", (*sender).everyCommand, nil},
		{"eol", "crlf|lf|nul|none", "end each message that is made from a line", (*sender).eolCommand, lineEndWords},
		{"info", "", "show the connection, and how messages are shown", (*sender).info, nil},
	}
}

// Commands returns the slash commands, each as it is typed and with what it does.
func Commands() [][2]string {
	var list [][2]string
	for _, row := range commands() {
		list = append(list, [2]string{row.usage(), row.help})
	}
	return list
}

// parse finds the row of a line that begins with one slash, and its argument.
func parse(line string) (row command, arg string, err error) {
	name, arg, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
	for _, row := range commands() {
		if row.name == name {
			return row, strings.TrimSpace(arg), nil
		}
	}
	if similar := similarCommand(name); similar != "" {
		return row, "", fmt.Errorf("unknown command /%s: did you mean /%s? //%s sends it as a message", name, similar, name)
	}
	return row, "", fmt.Errorf("unknown command /%s: /help lists them, //%s sends it as a message", name, name)
}

// runCommand does what a line that begins with one slash asks for.
func (c *sender) runCommand(ctx context.Context, line string) error {
	row, arg, err := c.dialect.Load().parse(line)
	if err != nil {
		return err
	}
	err = row.run(c, ctx, arg)
	if errors.Is(err, errArgument) {
		return fmt.Errorf("/%s %s: %w", row.name, row.args, err)
	}
	return err
}

// CheckCommand returns what is wrong with a line that begins with one slash, as far as that is known before it runs.
func CheckCommand(line string) error {
	_, _, err := parse(line)
	return err
}

// errArgument is the error for an argument that is missing or wrong; runCommand adds what the command takes.
var errArgument = errors.New("wrong or missing argument")

func (c *sender) help(_ context.Context, arg string) error {
	arg = strings.TrimPrefix(arg, "/")
	rows := append(c.dialect.Load().verbs(), commands()...)
	if arg == "keys" {
		return c.Output.Status(columns(Keys()))
	}
	if arg == "" {
		var list [][2]string
		for _, row := range rows {
			list = append(list, [2]string{row.usage(), row.help})
		}
		return c.Output.Status(columns(list) + "\n/help COMMAND shows its values, /help keys the keys")
	}
	for _, row := range rows {
		if row.name == arg {
			return c.Output.Status(columns([][2]string{{row.usage(), row.help}}) + row.values())
		}
	}
	if similar := similarCommand(arg); similar != "" {
		return fmt.Errorf("no command /%s: did you mean /%s?", arg, similar)
	}
	return fmt.Errorf("no command /%s: /help lists them", arg)
}

// values returns what the argument of a command can be, a line each, where that is a list.
func (row command) values() string {
	if row.words == nil {
		return ""
	}
	var list [][2]string
	for _, value := range row.words("") {
		list = append(list, [2]string{"  " + value.Text, value.Note})
	}
	if len(list) == 0 || list[0][1] == "" && strings.Contains(row.args, "FILE") || row.name == "help" {
		return ""
	}
	return "\n" + columns(list)
}

// usage returns a row as it is typed.
func (row command) usage() string { return strings.TrimSpace("/" + row.name + " " + row.args) }

func (c *sender) quit(context.Context, string) error { return errQuit }

func (c *sender) stats(context.Context, string) error {
	return c.Output.Status(tally(c.session.Stats()))
}

// open connects to another server. The present session goes on unless that worked.
func (c *sender) open(ctx context.Context, arg string) error {
	if arg == "" {
		return errArgument
	}
	if curl.IsLine(arg) {
		return c.openCopied(ctx, arg)
	}
	if name, named := strings.CutPrefix(arg, "@"); named && c.OpenContext != nil {
		return c.openNamed(ctx, name)
	}
	return c.dialNext(ctx, arg, c.Options)
}

func (c *sender) retry(ctx context.Context, _ string) error {
	if c.offline {
		return c.dialNext(ctx, c.URL, c.Options)
	}
	c.session.RetryNow()
	return nil
}

func (c *sender) info(context.Context, string) error {
	return c.Output.Status(describe(c.session.Handshake()) + "\n" + c.describeView())
}
