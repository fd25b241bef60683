package repl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wsx/curl"
	"wsx/terminal"
)

// command is one row of the table of slash commands, which dispatch, /help, Tab and the hint line read.
type command struct {
	name string
	args string // as /help shows them
	help string // one sentence without a full stop
	run  func(s *sender, ctx context.Context, arg string) error
	// words returns what Tab offers for an argument that begins with begun; nil = nothing special
	words func(begun string) []terminal.Candidate
}

// commands returns the table, in the order of /help. It is a function since the method help refers to it.
func commands() []command {
	return []command{
		{"help", "[COMMAND]", "list the commands, or explain one", (*sender).help, commandNames},
		{"ping", "[DATA]", "send a Ping and print the round trip time when the Pong arrives", (*sender).ping, nil},
		{"pong", "[DATA]", "send an unsolicited Pong", (*sender).pong, nil},
		{"close", "[CODE [REASON]]", "send a Close and end when the server has answered", (*sender).close, closeCodes},
		{"quit", "", "close the connection and end", (*sender).quit, nil},
		{"text", "MSG", "send MSG as a text message, whatever it begins with", (*sender).text, nil},
		{"binary", "MSG", "send MSG as a binary message", (*sender).binary, nil},
		{"hex", "0102ff", "send a binary message written in hexadecimal", (*sender).hex, nil},
		{"base64", "AQL/", "send a binary message written in base64", (*sender).base64, nil},
		{"file", "PATH [text|binary]", "send a file as one message", (*sender).file, files},
		{"edit", "", "write a message in $VISUAL or $EDITOR and send it", (*sender).edit, nil},
		{"fragment", "SIZE MSG", "send MSG in frames of SIZE bytes", (*sender).fragment, nil},
		{"send", "NAME", "send a message that /keep saved", (*sender).sendKept, nil},
		{"keep", "NAME", "save the last sent message as NAME for this host", (*sender).keep, nil},
		{"pretty", "[MSG]", "put MSG, or the last sent message, on the prompt as indented JSON", (*sender).pretty, nil},
		{"last", "", "show the whole last message", (*sender).last, nil},
		{"save", "FILE", "write the last received message to a file, byte for byte", (*sender).save, files},
		{"format", "[NAME]", "show messages in another format; alone, show the format", (*sender).format, formats},
		{"rows", "[N|all|off]", "cut messages on the screen after N rows; alone, show the number", (*sender).rows, rowNumbers},
		{"timestamps", "[MODE|off]", "show the time before each message; alone, show the mode", (*sender).timestamps, timestampModes},
		{"trace", "[on|off]", "show every frame; alone, show the setting", (*sender).trace, onOff},
		{"jq", "[EXPR|off]", "show the results of a jq expression on JSON messages; alone, show the expression", (*sender).jq, offOnly},
		{"template", "[T|off]", "show messages with a Go template; alone, show the template", (*sender).template, offOnly},
		{"only", "[WORD...|off]", "show only some kinds of messages and frames; alone, show the kinds", (*sender).only, onlyWords},
		{"grep", "[REGEX|off]", "show only messages that match; alone, show the pattern", (*sender).grep, offOnly},
		{"grep-v", "[REGEX|off]", "show only messages that do not match; alone, show the pattern", (*sender).grepV, offOnly},
		{"record", "[FILE|off]", "record the session as JSON events; alone, show the file", (*sender).record, files},
		{"replay", "FILE", "send the messages that a recording sent", (*sender).replay, files},
		{"expect", "REGEX", "wait for a message that matches; messages since the last line count as well", (*sender).expect, nil},
		{"wait", "D", "wait for D, like 500ms, before the next line", (*sender).wait, nil},
		{"stats", "", "show how much was sent and received, and the round trip times", (*sender).stats, nil},
		{"open", "URL|@NAME|curl ...", "connect to another server, given by a URL, a context or a curl command line; the present connection is closed only if that succeeds", (*sender).open, nil},
		{"curl", "[PROGRAM]", "print this connection as a command line of curl, wscat or websocat", (*sender).writeCommand, programs},
		{"reconnect", "", "reconnect now instead of after the delay", (*sender).retry, nil},
		{"as", "NAME|off", "speak an application protocol, like socketio, on this connection", (*sender).as, dialectNames},
		{"on", "[REGEX => MSG | jq EXPR | off [N]]", "answer each message that matches; alone, list the rules", (*sender).onCommand, nil},
		{"every", "[D => MSG | off [N]]", "send MSG every D; alone, list these messages", (*sender).everyCommand, nil},
		{"eol", "crlf|lf|nul|none", "append a line ending to each message made from a line", (*sender).eolCommand, lineEndWords},
		{"info", "", "show the connection and the output settings", (*sender).info, nil},
	}
}

func commandNames(string) []terminal.Candidate {
	var list []terminal.Candidate
	for _, row := range commands() {
		list = append(list, terminal.Candidate{Text: row.name, Note: row.help})
	}
	return list
}

// Commands returns the slash commands, each as it is typed and with what it does.
func Commands() [][2]string {
	var list [][2]string
	for _, row := range commands() {
		list = append(list, [2]string{row.usage(), row.help})
	}
	return list
}

// parse returns the command of a line that begins with one slash, and its argument.
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

// similarCommand returns the command whose name is most similar to an unknown one; "" = no command is similar.
func similarCommand(name string) string {
	best, least := "", 1+len(name)/3
	for _, row := range commands() {
		d := Distance(name, row.name)
		if len(name) > 1 && strings.HasPrefix(row.name, name) {
			d = 1
		}
		if d < least || d == least && best == "" {
			best, least = row.name, d
		}
	}
	return best
}

// runCommand runs a line that begins with one slash.
func (s *sender) runCommand(ctx context.Context, line string) error {
	row, arg, err := s.dialect.Load().parse(line)
	if err != nil {
		return err
	}
	err = row.run(s, ctx, arg)
	if errors.Is(err, errArgument) {
		return fmt.Errorf("/%s %s: %w", row.name, row.args, err)
	}
	return err
}

// CheckCommand returns an error if a line that begins with one slash names no command.
func CheckCommand(line string) error {
	_, _, err := parse(line)
	return err
}

// errArgument is the error for an argument that is missing or wrong; runCommand adds what the command takes.
var errArgument = errors.New("wrong or missing argument")

func (s *sender) help(_ context.Context, arg string) error {
	arg = strings.TrimPrefix(arg, "/")
	rows := append(s.dialect.Load().verbs(), commands()...)
	if arg == "keys" {
		return s.Output.Status(columns(Keys()))
	}
	if arg == "" {
		var list [][2]string
		for _, row := range rows {
			list = append(list, [2]string{row.usage(), row.help})
		}
		return s.Output.Status(columns(list) + "\n/help COMMAND explains a command, /help keys lists the keys")
	}
	for _, row := range rows {
		if row.name == arg {
			return s.Output.Status(columns([][2]string{{row.usage(), row.help}}) + row.values())
		}
	}
	if similar := similarCommand(arg); similar != "" {
		return fmt.Errorf("no command /%s: did you mean /%s?", arg, similar)
	}
	return fmt.Errorf("no command /%s: /help lists them", arg)
}

// values returns the possible arguments of a command, one a line, if there is a list of them.
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

func (s *sender) quit(context.Context, string) error { return errQuit }

func (s *sender) stats(context.Context, string) error {
	return s.Output.Status(describeStats(s.session.Stats()))
}

// open connects to another server. If that fails, the present session continues.
func (s *sender) open(ctx context.Context, arg string) error {
	if arg == "" {
		return errArgument
	}
	if curl.IsLine(arg) {
		return s.openCurl(ctx, arg)
	}
	if name, named := strings.CutPrefix(arg, "@"); named && s.OpenContext != nil {
		return s.openContext(ctx, name)
	}
	return s.dialNext(ctx, arg, s.Options)
}

func (s *sender) retry(ctx context.Context, _ string) error {
	if s.offline {
		return s.dialNext(ctx, s.URL, s.Options)
	}
	s.session.RetryNow()
	return nil
}

func (s *sender) info(context.Context, string) error {
	return s.Output.Status(describe(s.session.Handshake()) + "\n" + s.describeView())
}
