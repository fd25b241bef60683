package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"wsx/client"
	"wsx/dialect"
	"wsx/repl/input"
	"wsx/terminal"
)

// useOneVerb uses the one verb, and waits for its end.
func (c *REPL) useOneVerb(ctx context.Context, d *Dialect) error {
	words := make([]dialect.Word, len(d.Verb)-1)
	for i, text := range d.Verb[1:] {
		words[i] = dialect.Word{Text: text}
	}
	if err := c.use(d, d.Verb[0], words); err != nil {
		return err
	}
	c.session.Flush()
	patience := cmp.Or(d.Patience, defaultPatience)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case err := <-d.verbEnded:
			return cmp.Or(err, io.EOF)
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			if d.isBegun() {
				continue // a subscription waits for as long as it likes
			}
			return &UnmetError{fmt.Sprintf("%s: no reply within %v", d.Verb[0], patience)}
		}
	}
}

// isBegun reports whether something was received for the one verb, or may be at any time.
func (d *Dialect) isBegun() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.begun || d.live
}

// use uses a verb. Words that begin with @ are files, @@ is a leading @.
func (c *REPL) use(d *Dialect, name string, words []dialect.Word) error {
	for i, w := range words {
		path, isFile := strings.CutPrefix(w.Text, "@")
		switch {
		case !isFile || w.Quoted || w.File || path == "":
		case strings.HasPrefix(path, "@"):
			words[i].Text = path
		case d.Read != nil:
			content, err := d.Read(path)
			if err != nil {
				return err
			}
			words[i] = dialect.FileWord(content)
		}
	}
	if d.Elsewhere != nil {
		return d.Elsewhere(name, words)
	}
	call, out, err := d.State.Verb(time.Now(), name, words)
	if d.Called != nil && err == nil {
		d.Called(call)
	}
	if acted := c.act(d, out); err == nil {
		err = acted
	}
	return err
}

// useNamed uses the verb that a line names.
func (c *REPL) useNamed(line *input.Line) error {
	d := c.dialect.Load()
	if d == nil {
		return errors.New("the session has no application protocol with verbs")
	}
	return c.use(d, line.Verb, line.Words)
}

// useLine uses the verb that a line begins with, or that the dialect has for lines. ok is false if there is neither.
func (c *REPL) useLine(d *Dialect, line *input.Line) (ok bool, err error) {
	if line.Type == client.Binary {
		if !d.TakesInput() {
			return false, nil
		}
		return true, c.use(d, dialect.InputVerb, []dialect.Word{dialect.FileWord(line.Data)})
	}
	name, rest, _ := strings.Cut(string(line.Data), " ")
	if _, ok := d.State.Dialect().Verb(name); ok && !c.Interactive {
		words, err := dialect.SplitWords(rest)
		if err != nil {
			return true, err
		}
		return true, c.use(d, name, words)
	}
	if _, ok := d.State.Dialect().Verb(dialect.LineVerb); ok {
		return true, c.use(d, dialect.LineVerb, []dialect.Word{{Text: string(line.Data), Quoted: true}})
	}
	return false, nil
}

// useEnd uses the verb for the end of standard input.
func (c *REPL) useEnd(d *Dialect) {
	if !d.isOurs() {
		return
	}
	if _, ok := d.State.Dialect().Verb(dialect.EndVerb); ok {
		c.use(d, dialect.EndVerb, nil)
	}
}

// as speaks another dialect from now on, or none.
func (c *REPL) as(_ context.Context, name string) error {
	switch {
	case name == "":
		return errArgument
	case name == "off":
		c.dialect.Store(nil)
		return nil
	case c.OpenDialect == nil:
		return errors.New("there are no dialects here")
	}
	d, err := c.OpenDialect(name)
	if err != nil {
		return err
	}
	c.translate(d)
	go c.keepTime(c.sessionCtx, d) // ended by the session's end, or by another /as
	return c.act(d, c.login(d, c.session.Handshake()))
}

// verbs returns what the dialect adds to the commands.
func (d *Dialect) verbs() (rows []command) {
	if d == nil {
		return nil
	}
	for _, v := range d.State.Dialect().Verbs {
		_, args, _ := strings.Cut(v.Usage(), " ")
		rows = append(rows, command{name: v.Name, args: args, help: v.Description, run: func(c *sender, _ context.Context, arg string) error {
			words, err := dialect.SplitWords(arg)
			if err != nil {
				return err
			}
			return c.use(d, v.Name, words)
		}, words: d.eventNames})
	}
	return rows
}

// parse finds the verb or the command that a line stands for, and its argument. A verb goes before a command.
func (d *Dialect) parse(line string) (row command, arg string, err error) {
	name, arg, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
	for _, row := range d.verbs() {
		if row.name == name {
			return row, strings.TrimSpace(arg), nil
		}
	}
	return parse(line)
}

// dialectNames returns the dialects that are built in.
func dialectNames(string) (list []terminal.Candidate) {
	for _, name := range append(dialect.Names(), "off") {
		list = append(list, terminal.Candidate{Text: name})
	}
	return list
}

// TakesInput reports whether the dialect has a verb for the bytes of standard input.
func (d *Dialect) TakesInput() bool {
	_, ok := d.State.Dialect().Verb(dialect.InputVerb)
	return ok
}

// eventNames returns the names of the events that were received.
func (d *Dialect) eventNames(string) (list []terminal.Candidate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range d.names {
		list = append(list, terminal.Candidate{Text: name})
	}
	return list
}

// recognize reports once what protocol the server seems to speak.
func (c *receiver) recognize(e *client.Event) error {
	c.recognized = true
	name, title := dialect.Recognize(e.Payload, e.Type == client.Binary, c.session.Handshake().Subprotocol)
	if name == "" {
		return nil
	}
	return c.Output.Status(fmt.Sprintf("* looks like %s: --as %s, or /as %s", title, name, name))
}
