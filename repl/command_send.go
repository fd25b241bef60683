package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/repl/input"
)

func (s *sender) ping(_ context.Context, arg string) error { return s.session.Ping([]byte(arg)) }

func (s *sender) pong(_ context.Context, arg string) error { return s.session.Pong([]byte(arg)) }

func (s *sender) close(_ context.Context, arg string) error {
	if arg == "" {
		return s.closeConn(s.Ending.closeCode(), s.Ending.CloseReason)
	}
	number, reason, _ := strings.Cut(arg, " ")
	code, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("close code %q is not a number", number)
	}
	return s.closeConn(code, strings.TrimSpace(reason))
}

func (s *sender) text(_ context.Context, arg string) error {
	return s.sendData(client.Text, []byte(arg))
}

func (s *sender) binary(_ context.Context, arg string) error {
	return s.sendData(client.Binary, []byte(arg))
}

func (s *sender) hex(_ context.Context, arg string) error {
	return s.sendDecoded(input.DecodeHex(nil, []byte(arg)))
}

func (s *sender) base64(_ context.Context, arg string) error {
	return s.sendDecoded(input.DecodeBase64(nil, []byte(arg)))
}

func (s *sender) sendDecoded(data []byte, err error) error {
	if err != nil {
		return err
	}
	return s.sendData(client.Binary, data)
}

// file sends a file: as text if it is UTF-8, else as binary, unless a word after its name gives the type.
func (s *sender) file(ctx context.Context, arg string) error {
	path, kind := arg, ""
	if i := strings.LastIndexByte(arg, ' '); i > 0 && (arg[i+1:] == "text" || arg[i+1:] == "binary") {
		path, kind = strings.TrimSpace(arg[:i]), arg[i+1:]
	}
	if path == "" {
		return errArgument
	}
	content, err := s.readMessage(ctx, path)
	if err != nil {
		return err
	}
	valid := utf8.Valid(content)
	switch {
	case kind == "text" && !valid:
		return fmt.Errorf("send %s as text: it is not UTF-8", path)
	case kind == "binary", !valid:
		return s.sendData(client.Binary, content)
	}
	return s.sendData(client.Text, input.TrimMark(content))
}

// readMessage reads a file to be sent as a message. It must be a regular file, not larger than the largest message.
func (s *sender) readMessage(ctx context.Context, path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	most := cmp.Or(s.Options.MaxMessage, defaultMaxMessage)
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("send %s: it is not a regular file", path)
	case info.Size() > most:
		return nil, input.TooLarge(path, most)
	}
	return input.ReadFile(ctx, path, most)
}

// fragment sends a message in frames of a size, the last one shorter.
func (s *sender) fragment(_ context.Context, arg string) error {
	number, text, _ := strings.Cut(arg, " ")
	size, err := strconv.Atoi(number)
	if err != nil || size < 1 {
		return errArgument
	}
	s.remember(client.Text, []byte(text))
	return s.sendFragments(client.Text, []byte(text), size, true, true)
}

// edit sends what was written in an editor, unless it is empty.
func (s *sender) edit(ctx context.Context, _ string) error {
	if s.Edit == nil {
		return errors.New("this needs a terminal")
	}
	text, err := s.Edit()
	if err != nil || text == "" {
		return err
	}
	if !utf8.ValidString(text) {
		return errors.New("the text from the editor is not UTF-8")
	}
	return s.sendLine(ctx, &input.Line{Type: client.Text, Data: []byte(text)})
}

// replay sends the messages that were sent in a recording.
func (s *sender) replay(ctx context.Context, arg string) error {
	if arg == "" {
		return errArgument
	}
	file, err := input.Open(ctx, func() (*os.File, error) { return os.Open(arg) })
	if err != nil {
		return err
	}
	defer file.Close()
	source := input.NewJSON(file, input.Options{Name: arg, Speed: s.Speed})
	for ctx.Err() == nil {
		if !source.Ready() {
			s.session.Flush() // it may pause
		}
		line, err := source.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.runAction(ctx, &line); err != nil {
			return fmt.Errorf("%s: line %d: %w", arg, line.Number, err)
		}
	}
	return ctx.Err()
}

// expect waits for a message that matches.
func (s *sender) expect(ctx context.Context, arg string) error {
	if s.Inbox == nil {
		return errors.New("received messages are not kept in this session")
	}
	s.session.Flush()
	return s.Inbox.Expect(ctx, arg)
}

func (s *sender) wait(ctx context.Context, arg string) error {
	d, err := time.ParseDuration(arg)
	if err != nil || d < 0 {
		return errArgument
	}
	return s.runAction(ctx, &input.Line{Action: input.Wait, Pause: d})
}
