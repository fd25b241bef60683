package repl

import (
	"cmp"
	"context"
	"errors"
	"net"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
	"wsx/repl/draft"
	"wsx/repl/input"
	"wsx/terminal"
)

// sendData sends a message that a command has made.
func (c *sender) sendData(t client.Type, data []byte) error {
	c.remember(t, data)
	return c.sendMessage(client.Message{Type: t, Data: data})
}

// errNothingSent is the error of commands that need the last message.
var errNothingSent = errors.New("no message has been sent yet")

// keep gives the message that was sent last a name.
func (c *sender) keep(_ context.Context, name string) error {
	switch {
	case name == "":
		return errArgument
	case !c.lastSent.sent:
		return errNothingSent
	case c.KeepDir == "":
		return errors.New("there is no directory to keep messages in")
	}
	if err := c.kept().write(name, c.lastSent.kind, c.lastSent.data); err != nil {
		return err
	}
	return c.Output.Status("saved as " + name + ": /send " + name + " sends it")
}

// sendKept sends the message that has a name.
func (c *sender) sendKept(ctx context.Context, name string) error {
	if name == "" {
		return errArgument
	}
	t, message, err := c.kept().read(name)
	if err != nil {
		return err
	}
	if t == client.Text && !utf8.Valid(message) {
		return errors.New("the message " + name + " is not UTF-8")
	}
	return c.sendLine(ctx, &input.Line{Type: t, Data: message})
}

// kept returns the messages with names of the server.
func (s *state) kept() keptMessages {
	return keptMessagesOf(s.KeepDir, cmp.Or(s.KeepAs, hostOf(s.URL)))
}

// hostOf returns the name of the folder for a server's messages: its host, with the port unless that is 80 or 443.
func hostOf(url string) string {
	target, err := dial.ParseURL(url)
	switch {
	case err != nil:
		return url
	case target.Unix != "":
		return target.Unix
	case target.Port == "80" || target.Port == "443":
		return target.Host
	}
	return net.JoinHostPort(target.Host, target.Port)
}

// pretty puts a reformatted message to the prompt: the argument, or without one the message that was sent last.
func (c *sender) pretty(_ context.Context, arg string) error {
	if c.Unread == nil {
		return errors.New("this needs a prompt at a terminal")
	}
	if arg == "" {
		if !c.lastSent.sent {
			return errNothingSent
		}
		arg = string(c.lastSent.data)
	}
	text, ok := draft.Reformat(arg)
	if !ok {
		return errors.New("it is not a JSON object or array")
	}
	c.Unread(text)
	return nil
}

// candidates returns the names of the messages, for Tab.
func (m *keptMessages) candidates() []terminal.Candidate {
	if m == nil {
		return nil
	}
	return candidates(m.names()...)
}
