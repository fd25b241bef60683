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
	receiver     *receiver    // handles the events of the session after this one, too
	next         *nextSession // the session after this one; nil = no other session follows
	disconnected bool         // the session was lost, and another can be opened
	inMessage    bool         // a fragment of a message was sent, and not its last
	joined       []byte       // the fragments so far of a message that is to be one frame
	encoder      encoder
	lastSent     typedMessage
	unsent       string // a message that was typed when the connection was lost
}

// typedMessage is the message that was sent last, as it was typed, for /keep and /pretty.
type typedMessage struct {
	kind client.Type
	data []byte
	sent bool // there is one
}

// send runs the lines of the source one after the other, and closes the session after the last.
func (c *sender) send(ctx context.Context) error {
	if d := c.dialect.Load(); d != nil && d.oneShot() {
		return c.closeSession(ctx, c.useOneVerb(ctx, d))
	}
	if c.Source == nil {
		return nil
	}
	bulk, inBulk := c.Source.(input.Bulk)
	inBulk = inBulk && c.sendsAsIs()
	defer c.running.setReading(false)
	for {
		if c.Interactive {
			c.running.setReading(true)
		}
		line, err := c.Source.Next(ctx)
		if err == nil {
			err = c.handleLine(ctx, &line)
		}
		if err == nil && inBulk {
			err = c.session.SendAll(bulk.Type(), bulk.Rest())
		}
		if err != nil {
			return c.closeSession(ctx, err)
		}
		if !c.Source.Ready() {
			c.session.Flush() // flush before you block; the receiver learns what went wrong
		}
	}
}

// sendsAsIs reports whether every line is sent unchanged as one message.
func (c *sender) sendsAsIs() bool {
	return c.FragmentSize <= 0 && c.Dialect == nil && c.LineEnd == "" && !c.Slash && !c.Lockstep && c.Encode == nil && !c.Options.Reconnect
}

// closeSession closes the session after the last line. If a line failed with err, the answers to earlier lines are received
// before.
func (c *sender) closeSession(ctx context.Context, err error) error {
	if errors.Is(err, client.ErrClosed) || ctx.Err() != nil {
		return nil // the receiver knows why
	}
	d := c.dialect.Load()
	if d != nil && errors.Is(err, io.EOF) && !d.oneShot() {
		c.useEnd(d)
	}
	if !errors.Is(err, errQuit) {
		c.session.Flush()
		c.awaitSilence(ctx)
	}
	c.running.setReading(false)
	c.closing.Store(true)
	isOffline := errors.Is(err, errQuit) && c.session.Stats().Uptime == 0 // there is no connection, and none is waited for
	if d != nil && ctx.Err() == nil && !isOffline {
		sent := make(chan struct{})
		c.sendClosingMessages(d, func() { close(sent) })
		<-sent
	}
	if isOffline {
		c.session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
	} else if ctx.Err() == nil {
		c.session.Close(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// awaitSilence returns when the server has been silent for Ending.Wait since the end of input, or when ctx ends.
func (c *sender) awaitSilence(ctx context.Context) {
	if c.Ending.Wait < 0 {
		<-ctx.Done()
		return
	}
	end := time.Now()
	for {
		left := c.Ending.Wait - min(c.session.Silence(), time.Since(end))
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
func (c *sender) handleLine(ctx context.Context, line *input.Line) error {
	if c.Interactive && line.Number > 0 && line.Action == input.Send && len(line.Data) == 0 {
		c.session.RetryNow() // Enter alone sends nothing
		return nil
	}
	c.startExchange(line)
	command, done := c.startCommand(ctx, line)
	typed := c.typedText(line)
	err := c.dispatch(command, line)
	if errors.Is(err, client.ErrClosed) {
		c.unsent = typed
	}
	if c.Handled != nil {
		err = c.Handled(line, err)
	}
	if cancelled := done(); cancelled && ctx.Err() == nil && !errors.Is(err, client.ErrClosed) {
		return c.Output.Status("cancelled")
	}
	if err == nil || errors.Is(err, errQuit) || errors.Is(err, client.ErrClosed) || ctx.Err() != nil {
		return err
	}
	return c.lineError(line, err)
}

// typedText returns a message as it was typed at a prompt; "" = the line is a command, or was not typed.
func (c *sender) typedText(line *input.Line) string {
	if !c.Interactive || line.Number == 0 || c.slashes(line) == 1 {
		return ""
	}
	return string(line.Data)
}

// lineError shows the error of a line at a prompt, and returns nil. Otherwise it returns an error that ends the session.
func (c *sender) lineError(line *input.Line, err error) error {
	switch {
	case c.Interactive:
		return c.Output.Error(err)
	case line.Number == 0:
		return fmt.Errorf("send %.40q: %w", line.Data, err)
	}
	return fmt.Errorf("%s: line %d: %w", cmp.Or(c.Name, "standard input"), line.Number, err)
}

// dispatch runs a line that is a command; two slashes stand for one that is sent.
func (c *sender) dispatch(ctx context.Context, line *input.Line) error {
	switch c.slashes(line) {
	case 1:
		return c.runCommand(ctx, string(line.Data))
	case 2:
		line.Data = line.Data[1:]
		return c.sendLine(ctx, line)
	}
	return c.runAction(ctx, line)
}

// slashes returns how many slashes a line begins with, up to two, where that means something.
func (c *sender) slashes(line *input.Line) int {
	switch {
	case !c.Slash || line.Action != input.Send || line.Type != client.Text || c.inMessage || !bytes.HasPrefix(line.Data, []byte("/")):
		return 0
	case bytes.HasPrefix(line.Data, []byte("//")):
		return 2
	}
	return 1
}

// startExchange clears the inbox before a typed line is run: a later /expect does not match messages received before it.
func (c *sender) startExchange(line *input.Line) {
	if c.Interactive && c.Inbox != nil && !bytes.HasPrefix(line.Data, []byte("/expect ")) {
		c.Inbox.Clear()
	}
}

// runAction runs the action of a line: it sends a message or control frame, pauses, or uses a verb.
func (c *sender) runAction(ctx context.Context, line *input.Line) error {
	switch line.Action {
	case input.Ping:
		return c.session.Ping(line.Data)
	case input.Pong:
		return c.session.Pong(line.Data)
	case input.Close:
		return c.closeConn(c.codeOf(line), string(line.Data))
	case input.Wait:
		c.session.Flush()
		return pause(ctx, line.Pause)
	case input.Use:
		return c.useNamed(line)
	}
	return c.sendLine(ctx, line)
}

// sendLine sends a line as a message or a fragment of one, encoded and in lockstep if that is configured.
func (c *sender) sendLine(ctx context.Context, line *input.Line) error {
	if !line.Partial {
		c.remember(line.Type, line.Data)
	}
	if d := c.dialect.Load(); d != nil && line.Action == input.Send && !line.Partial && !line.AsIs && !c.inMessage {
		if used, err := c.useLine(d, line); used || err != nil {
			return err
		}
	}
	if line.Action == input.Send && !line.Partial {
		line.Data = c.endLine(line.Data)
	}
	if c.Encode != nil && line.Type == client.Text {
		if whole, err := c.encoder.encode(line); !whole {
			return err
		}
	}
	if !c.Lockstep || line.Partial {
		return c.sendFragment(line)
	}
	select {
	case <-c.answers: // no line waited for it
	default:
	}
	if err := c.sendFragment(line); err != nil {
		return err
	}
	c.session.Flush()
	select {
	case <-c.answers:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remember keeps a message that was typed.
func (c *sender) remember(t client.Type, data []byte) {
	if c.Completion != nil && t == client.Text {
		c.Completion.learnSent(data)
	}
	if c.Slash {
		c.lastSent = typedMessage{t, append(c.lastSent.data[:0], data...), true}
	}
}

// sendFragment sends a line as a message or a fragment of one.
func (c *sender) sendFragment(line *input.Line) error {
	first := !c.inMessage
	c.inMessage = line.Partial
	if c.FragmentSize < 0 && (line.Partial || !first) {
		return c.sendJoined(line, first)
	}
	if first && line.Frame > 0 {
		return c.sendFragments(line.Type, line.Data, line.Frame, true, true)
	}
	if first && !line.Partial {
		return c.sendMessage(client.Message{Type: line.Type, Data: line.Data, Number: line.Number, Repeat: line.Repeat})
	}
	return c.sendFragments(line.Type, line.Data, c.fragmentSize(), first, !line.Partial)
}

// sendJoined joins a message that is read in fragments, and sends it as one frame.
func (c *sender) sendJoined(line *input.Line, first bool) error {
	if first {
		c.joined = nil
	}
	if c.joined = append(c.joined, line.Data...); line.Partial {
		return nil
	}
	return c.session.Send(client.Message{Type: line.Type, Data: c.joined, Number: line.Number})
}

// maxFrame is the longest message that is sent in one frame by default, in bytes.
const maxFrame = 64 << 20

// longFragment is the frame size of longer messages, in bytes.
const longFragment = 64 << 10

// fragmentSize returns the frame size of a message that is sent in fragments, in bytes.
func (c *sender) fragmentSize() int {
	if c.FragmentSize > 0 {
		return c.FragmentSize
	}
	return longFragment
}

// sendMessage sends a whole message, in several frames if it is longer than the limit of a frame.
func (c *sender) sendMessage(m client.Message) error {
	if most := cmp.Or(c.FragmentSize, maxFrame); most > 0 && len(m.Data) > most {
		m.FrameSize = c.fragmentSize()
	}
	return c.session.Send(m)
}

// sendFragments sends a message, or a part of one that begins or ends it, in frames of a size, the last one shorter.
func (c *sender) sendFragments(t client.Type, data []byte, size int, first, last bool) error {
	for {
		part := data[:min(size, len(data))]
		data = data[len(part):]
		if err := c.session.SendFragment(t, part, first, last && len(data) == 0); err != nil || len(data) == 0 {
			return err
		}
		first = false
	}
}

// codeOf returns the close code of a line, or that of Ending if it has none.
func (c *sender) codeOf(line *input.Line) int {
	if line.Code == 0 || line.Code == noCode {
		return c.Ending.closeCode()
	}
	return line.Code
}

// closeConn sends a Close at the user's request, and returns client.ErrClosed, unless other clients may connect.
func (c *sender) closeConn(code int, reason string) error {
	if acceptor, ok := c.session.(*accept.Acceptor); ok && c.Accept.Stay {
		return acceptor.ClosePeers(code, reason)
	}
	if shared, ok := c.session.(sharedSession); ok {
		return cmp.Or(shared.CloseAll(code, reason), client.ErrClosed)
	}
	if err := c.session.Close(code, reason); err != nil {
		return err
	}
	return client.ErrClosed
}
