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
	"wsx/repl/input"
)

// errQuit ends a conversation because who talks wants it.
var errQuit = errors.New("goodbye")

// talk says what the source has, one line after the other, and goodbye after the last.
func (c *Conversation) talk(ctx context.Context) error {
	if c.Source == nil {
		return nil
	}
	bulk, inBulk := c.Source.(input.Bulk)
	inBulk = inBulk && c.sendsAsIs()
	for {
		line, err := c.Source.Next(ctx)
		if err == nil {
			err = c.say(ctx, &line)
		}
		if err == nil && inBulk {
			err = c.session.SayAll(bulk.Type(), bulk.Rest())
		}
		if err != nil {
			return c.finish(ctx, err)
		}
		if !c.Source.Ready() {
			c.session.Flush() // flush before you block; what went wrong is what the listener hears
		}
	}
}

// sendsAsIs says whether every line is a message and nothing else.
func (c *Conversation) sendsAsIs() bool {
	return !c.Slash && !c.Lockstep && c.Encode == nil && !c.Options.Reconnect
}

// finish ends the conversation after the last line. What was refused stays an error, but the answers to the lines
// before it are still listened to.
func (c *Conversation) finish(ctx context.Context, err error) error {
	if errors.Is(err, client.ErrGoodbye) || ctx.Err() != nil {
		return nil // who listens knows why
	}
	if !errors.Is(err, errQuit) {
		c.session.Flush()
		c.awaitSilence(ctx)
	}
	if errors.Is(err, errQuit) && c.session.Stats().Uptime == 0 {
		c.session.Leave(c.Ending.closeCode(), c.Ending.CloseReason) // there is no connection, and who quits waits for none
	} else if ctx.Err() == nil {
		c.session.Close(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// awaitSilence returns when the server has said nothing for Ending.Wait since the end of input, or when ctx ends.
func (c *Conversation) awaitSilence(ctx context.Context) {
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

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// say does what one line asks for; a line that begins with a slash may be a command.
func (c *Conversation) say(ctx context.Context, line *input.Line) error {
	if c.Typed && line.Number > 0 && line.Verb == input.Say && len(line.Data) == 0 {
		c.session.RetryNow() // Enter alone sends nothing
		return nil
	}
	c.turn(line)
	err := c.sayOrDo(ctx, line)
	if err == nil || errors.Is(err, errQuit) || errors.Is(err, client.ErrGoodbye) || ctx.Err() != nil {
		return err
	}
	return c.refuse(line, err)
}

// refuse tells what is wrong with a line. Who types it can type another; else it is the end of the conversation.
func (c *Conversation) refuse(line *input.Line, err error) error {
	switch {
	case c.Typed:
		return c.Display.Complain(err)
	case line.Number == 0:
		return fmt.Errorf("say -x %.40q: %w", line.Data, err)
	}
	return fmt.Errorf("%s: line %d: %w", cmp.Or(c.Name, "standard input"), line.Number, err)
}

// sayOrDo obeys a line that is a command; two slashes stand for one that is meant to be sent.
func (c *Conversation) sayOrDo(ctx context.Context, line *input.Line) error {
	isCommand := c.Slash && line.Verb == input.Say && line.Type == client.Text && !c.within && bytes.HasPrefix(line.Data, []byte("/"))
	switch {
	case !isCommand:
		return c.do(ctx, line)
	case bytes.HasPrefix(line.Data, []byte("//")):
		line.Data = line.Data[1:]
		return c.send(ctx, line)
	}
	return c.obey(ctx, string(line.Data))
}

// turn begins a new question with a line that is typed: what came before it answers no /expect.
func (c *Conversation) turn(line *input.Line) {
	if c.Typed && c.Inbox != nil && !bytes.HasPrefix(line.Data, []byte("/expect ")) {
		c.Inbox.Forget()
	}
}

// do says a message, or what else a line of events asks for.
func (c *Conversation) do(ctx context.Context, line *input.Line) error {
	switch line.Verb {
	case input.Ping:
		return c.session.Ping(line.Data)
	case input.Pong:
		return c.session.Pong(line.Data)
	case input.Close:
		return c.hangUp(c.codeOf(line), string(line.Data))
	case input.Wait:
		c.session.Flush()
		return pause(ctx, line.Pause)
	}
	return c.send(ctx, line)
}

// send says a message, or the part of one that the line is, packed and in step if that is asked for.
func (c *Conversation) send(ctx context.Context, line *input.Line) error {
	if c.Encode != nil && line.Type == client.Text {
		if whole, err := c.packing.pack(line); !whole {
			return err
		}
	}
	if !c.Lockstep || line.More {
		return c.sendPart(line)
	}
	select {
	case <-c.answers: // nobody asked for it
	default:
	}
	if err := c.sendPart(line); err != nil {
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

// sendPart says a message, or the part of one that the line is.
func (c *Conversation) sendPart(line *input.Line) error {
	first := !c.within
	c.within = line.More
	if first && !line.More {
		return c.session.Say(client.Said{Type: line.Type, Data: line.Data, Line: line.Number, Again: line.Again})
	}
	return c.session.SendPart(line.Type, line.Data, first, !line.More)
}

// codeOf is the close code that a line asks for, ours if it names none.
func (c *Conversation) codeOf(line *input.Line) int {
	if line.Code == 0 || line.Code == noCode {
		return c.Ending.closeCode()
	}
	return line.Code
}

// hangUp says a Close that was asked for; there is nothing to say after it, unless others may come.
func (c *Conversation) hangUp(code int, reason string) error {
	if party, ok := c.session.(*client.Party); ok && c.Party.Stay {
		return party.HangUp(code, reason)
	}
	if err := c.session.Close(code, reason); err != nil {
		return err
	}
	return client.ErrGoodbye
}
