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
func (s *sender) sendData(t client.Type, data []byte) error {
	s.remember(t, data)
	return s.sendMessage(client.Message{Type: t, Data: data})
}

// errNothingSent is the error of commands that need the last message.
var errNothingSent = errors.New("no message has been sent yet")

// keep gives the message that was sent last a name.
func (s *sender) keep(_ context.Context, name string) error {
	switch {
	case name == "":
		return errArgument
	case !s.lastSent.sent:
		return errNothingSent
	case s.KeepDir == "":
		return errors.New("there is no directory to keep messages in")
	}
	if err := s.kept().write(name, s.lastSent.kind, s.lastSent.data); err != nil {
		return err
	}
	return s.Output.Status("saved as " + name + ": /send " + name + " sends it")
}

// sendKept sends the message that has a name.
func (s *sender) sendKept(ctx context.Context, name string) error {
	if name == "" {
		return errArgument
	}
	t, message, err := s.kept().read(name)
	if err != nil {
		return err
	}
	if t == client.Text && !utf8.Valid(message) {
		return errors.New("the message " + name + " is not UTF-8")
	}
	return s.sendLine(ctx, &input.Line{Type: t, Data: message})
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
func (s *sender) pretty(_ context.Context, arg string) error {
	if s.Unread == nil {
		return errors.New("this needs a prompt at a terminal")
	}
	if arg == "" {
		if !s.lastSent.sent {
			return errNothingSent
		}
		arg = string(s.lastSent.data)
	}
	text, ok := draft.Reformat(arg)
	if !ok {
		return errors.New("it is not a JSON object or array")
	}
	s.Unread(text)
	return nil
}

// candidates returns the names of the messages, for Tab.
func (m *keptMessages) candidates() []terminal.Candidate {
	if m == nil {
		return nil
	}
	return candidates(m.names()...)
}
