package repl

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"wsx/client"
	"wsx/client/accept"
	"wsx/repl/input"
)

// sender reads lines and runs them, in a goroutine of its own, which owns the fields. Between two sessions Run owns them.
type sender struct {
	*state
	receiver  *receiver    // handles the events of the session after this one, too
	next      *nextSession // the session after this one; nil = no other session follows
	offline   bool         // the session was lost, and another can be opened
	inMessage bool         // a fragment of a message was sent, and not its last
	joined    []byte       // the fragments so far of a message that is to be one frame
	encoder   encoder
	lastSent  typedMessage
	unsent    string // a message that was typed when the connection was lost
}

// typedMessage is the message that was sent last, as it was typed, for /keep and /pretty.
type typedMessage struct {
	kind client.Type
	data []byte
	sent bool // there is one
}

// send runs the lines of the source one after the other, and closes the session after the last.
func (s *sender) send(ctx context.Context) error {
	if d := s.dialect.Load(); d != nil && d.oneShot() {
		return s.closeSession(ctx, s.useOneVerb(ctx, d))
	}
	if s.Source == nil {
		return nil
	}
	bulk, inBulk := s.Source.(input.Bulk)
	inBulk = inBulk && s.sendsAsIs()
	defer s.running.setReading(false)
	for {
		if s.Interactive {
			s.running.setReading(true)
		}
		line, err := s.Source.Next(ctx)
		if err == nil {
			err = s.handleLine(ctx, &line)
		}
		if err == nil && inBulk {
			err = s.session.SendAll(bulk.Type(), bulk.Rest())
		}
		if err != nil {
			return s.closeSession(ctx, err)
		}
		if !s.Source.Ready() {
			s.session.Flush() // flush before you block; the receiver learns what went wrong
		}
	}
}

// sendsAsIs reports whether every line is sent unchanged as one message.
func (s *sender) sendsAsIs() bool {
	return s.FragmentSize <= 0 && s.Dialect == nil && s.LineEnd == "" && !s.Slash && !s.Lockstep && s.Encode == nil && !s.Options.Reconnect
}

// closeSession closes the session after the last line. If a line failed with err, the answers to earlier lines are received
// before.
func (s *sender) closeSession(ctx context.Context, err error) error {
	if errors.Is(err, client.ErrClosed) || ctx.Err() != nil {
		return nil // the receiver knows why
	}
	d := s.dialect.Load()
	if d != nil && errors.Is(err, io.EOF) && !d.oneShot() {
		s.useEnd(d)
	}
	if !errors.Is(err, errQuit) {
		s.session.Flush()
		wait := s.Ending.Wait
		if wait < 0 && !errors.Is(err, io.EOF) {
			wait = failedWait
		}
		s.awaitSilence(ctx, wait)
	}
	s.running.setReading(false)
	s.closing.Store(true)
	isOffline := errors.Is(err, errQuit) && s.session.Stats().Uptime == 0 // there is no connection, and none is waited for
	if d != nil && ctx.Err() == nil && !isOffline {
		sent := make(chan struct{})
		s.sendClosingMessages(d, func() { close(sent) })
		<-sent
	}
	if isOffline {
		s.session.CloseNow(s.Ending.closeCode(), s.Ending.CloseReason)
	} else if ctx.Err() == nil {
		s.session.Close(s.Ending.closeCode(), s.Ending.CloseReason)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// failedWait bounds how long the server must be silent after a line that failed, if Ending.Wait has no limit: the error is shown
// when the session has ended, and what was waited for may be the answer to that line.
const failedWait = time.Second

// awaitSilence returns when the server has been silent for wait since the end of input, or when ctx ends. Negative = only then.
func (s *sender) awaitSilence(ctx context.Context, wait time.Duration) {
	if wait < 0 {
		<-ctx.Done()
		return
	}
	end := time.Now()
	for {
		left := wait - min(s.session.Silence(), time.Since(end))
		if left <= 0 || pause(ctx, left) != nil {
			return
		}
	}
}

// pause waits for d, or returns the error of ctx if that ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// handleLine runs one line: a message, or a command if it begins with a slash.
func (s *sender) handleLine(ctx context.Context, line *input.Line) error {
	if s.Interactive && line.Number > 0 && line.Action == input.Send && len(line.Data) == 0 {
		s.session.RetryNow() // Enter alone sends nothing
		return nil
	}
	s.startExchange(line)
	command, done := s.startCommand(ctx, line)
	typed := s.typedText(line)
	err := s.dispatch(command, line)
	if errors.Is(err, client.ErrClosed) {
		s.unsent = typed
	}
	if s.Handled != nil {
		err = s.Handled(line, err)
	}
	if cancelled := done(); cancelled && ctx.Err() == nil && !errors.Is(err, client.ErrClosed) {
		return s.Output.Status("cancelled")
	}
	if err == nil || errors.Is(err, errQuit) || errors.Is(err, client.ErrClosed) || ctx.Err() != nil {
		return err
	}
	return s.lineError(line, err)
}

// typedText returns a message as it was typed at a prompt; "" = the line is a command, or was not typed.
func (s *sender) typedText(line *input.Line) string {
	if !s.Interactive || line.Number == 0 || s.slashes(line) == 1 {
		return ""
	}
	return string(line.Data)
}

// lineError shows the error of a line at a prompt, and returns nil. Otherwise it returns an error that ends the session.
func (s *sender) lineError(line *input.Line, err error) error {
	switch {
	case s.Interactive:
		return s.Output.Error(err)
	case line.Number == 0:
		return fmt.Errorf("send %.40q: %w", line.Data, err)
	}
	return fmt.Errorf("%s: line %d: %w", cmp.Or(s.Name, "standard input"), line.Number, err)
}

// dispatch runs a line that is a command; two slashes stand for one that is sent.
func (s *sender) dispatch(ctx context.Context, line *input.Line) error {
	switch s.slashes(line) {
	case 1:
		return s.runCommand(ctx, string(line.Data))
	case 2:
		line.Data = line.Data[1:]
		return s.sendLine(ctx, line)
	}
	return s.runAction(ctx, line)
}

// slashes returns how many slashes a line begins with, up to two, where that means something.
func (s *sender) slashes(line *input.Line) int {
	switch {
	case !s.Slash || line.Action != input.Send || line.Type != client.Text || s.inMessage || !bytes.HasPrefix(line.Data, []byte("/")):
		return 0
	case bytes.HasPrefix(line.Data, []byte("//")):
		return 2
	}
	return 1
}

// startExchange clears the inbox before a typed line is run: a later /expect does not match messages received before it.
func (s *sender) startExchange(line *input.Line) {
	if s.Interactive && s.Inbox != nil && !bytes.HasPrefix(line.Data, []byte("/expect ")) {
		s.Inbox.Clear()
	}
}

// runAction runs the action of a line: it sends a message or control frame, pauses, or uses a verb.
func (s *sender) runAction(ctx context.Context, line *input.Line) error {
	switch line.Action {
	case input.Ping:
		return s.session.Ping(line.Data)
	case input.Pong:
		return s.session.Pong(line.Data)
	case input.Close:
		return s.closeConn(s.codeOf(line), string(line.Data))
	case input.Wait:
		s.session.Flush()
		return pause(ctx, line.Pause)
	case input.Use:
		return s.useNamed(line)
	}
	return s.sendLine(ctx, line)
}

// sendLine sends a line as a message or a fragment of one, encoded and in lockstep if that is configured.
func (s *sender) sendLine(ctx context.Context, line *input.Line) error {
	if !line.Partial {
		s.remember(line.Type, line.Data)
	}
	if d := s.dialect.Load(); d != nil && line.Action == input.Send && !line.Partial && !line.AsIs && !s.inMessage {
		if used, err := s.useLine(d, line); used || err != nil {
			return err
		}
	}
	if line.Action == input.Send && !line.Partial {
		line.Data = s.endLine(line.Data)
	}
	if s.Encode != nil && line.Type == client.Text {
		if whole, err := s.encoder.encode(line); !whole {
			return err
		}
	}
	if !s.Lockstep || line.Partial {
		return s.sendFragment(line)
	}
	select {
	case <-s.answers: // no line waited for it
	default:
	}
	if err := s.sendFragment(line); err != nil {
		return err
	}
	s.session.Flush()
	select {
	case <-s.answers:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remember keeps a message that was typed.
func (s *sender) remember(t client.Type, data []byte) {
	if s.Completion != nil && t == client.Text {
		s.Completion.learnSent(data)
	}
	if s.Slash {
		s.lastSent = typedMessage{t, append(s.lastSent.data[:0], data...), true}
	}
}

// sendFragment sends a line as a message or a fragment of one.
func (s *sender) sendFragment(line *input.Line) error {
	first := !s.inMessage
	s.inMessage = line.Partial
	if s.FragmentSize < 0 && (line.Partial || !first) {
		return s.sendJoined(line, first)
	}
	if first && line.Frame > 0 {
		return s.sendFragments(line.Type, line.Data, line.Frame, true, true)
	}
	if first && !line.Partial {
		return s.sendMessage(client.Message{Type: line.Type, Data: line.Data, Number: line.Number, Repeat: line.Repeat})
	}
	return s.sendFragments(line.Type, line.Data, s.fragmentSize(), first, !line.Partial)
}

// sendJoined joins a message that is read in fragments, and sends it as one frame.
func (s *sender) sendJoined(line *input.Line, first bool) error {
	if first {
		s.joined = nil
	}
	if s.joined = append(s.joined, line.Data...); line.Partial {
		return nil
	}
	return s.session.Send(client.Message{Type: line.Type, Data: s.joined, Number: line.Number})
}

// maxFrame is the longest message that is sent in one frame by default, in bytes.
const maxFrame = 64 << 20

// longFragment is the frame size of longer messages, in bytes.
const longFragment = 64 << 10

// fragmentSize returns the frame size of a message that is sent in fragments, in bytes.
func (s *sender) fragmentSize() int {
	if s.FragmentSize > 0 {
		return s.FragmentSize
	}
	return longFragment
}

// sendMessage sends a whole message, in several frames if it is longer than the limit of a frame.
func (s *sender) sendMessage(m client.Message) error {
	if most := cmp.Or(s.FragmentSize, maxFrame); most > 0 && len(m.Data) > most {
		m.FrameSize = s.fragmentSize()
	}
	return s.session.Send(m)
}

// sendFragments sends a message, or a part of one that begins or ends it, in frames of a size, the last one shorter.
func (s *sender) sendFragments(t client.Type, data []byte, size int, first, last bool) error {
	for {
		part := data[:min(size, len(data))]
		data = data[len(part):]
		if err := s.session.SendFragment(t, part, first, last && len(data) == 0); err != nil || len(data) == 0 {
			return err
		}
		first = false
	}
}

// codeOf returns the close code of a line, or that of Ending if it has none.
func (s *sender) codeOf(line *input.Line) int {
	if line.Code == 0 || line.Code == noCode {
		return s.Ending.closeCode()
	}
	return line.Code
}

// closeConn sends a Close at the user's request, and returns client.ErrClosed, unless other clients may connect.
func (s *sender) closeConn(code int, reason string) error {
	if acceptor, ok := s.session.(*accept.Acceptor); ok && s.Accept.Stay {
		return acceptor.ClosePeers(code, reason)
	}
	if shared, ok := s.session.(sharedSession); ok {
		return cmp.Or(shared.CloseAll(code, reason), client.ErrClosed)
	}
	if err := s.session.Close(code, reason); err != nil {
		return err
	}
	return client.ErrClosed
}
