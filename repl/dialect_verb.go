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

// useOneVerb uses the verb of Dialect.Verb, and waits for its end.
func (s *state) useOneVerb(ctx context.Context, d *Dialect) error {
	words := make([]dialect.Word, len(d.Verb)-1)
	for i, text := range d.Verb[1:] {
		words[i] = dialect.Word{Text: text}
	}
	if err := s.use(d, d.Verb[0], words); err != nil {
		return err
	}
	s.session.Flush()
	timeout := cmp.Or(d.Timeout, defaultTimeout)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		select {
		case err := <-d.verbEnded:
			return cmp.Or(err, io.EOF)
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			if d.hasReply.Load() || d.isSubscription.Load() {
				continue // a subscription has no time limit
			}
			return &UnmetError{fmt.Sprintf("%s: %s within %v", d.Verb[0], d.Missing(), timeout)}
		}
	}
}

// use uses a verb. A word that begins with @ names a file; @@ stands for a leading @.
func (s *state) use(d *Dialect, name string, words []dialect.Word) error {
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
	if d.Remote != nil {
		return d.Remote(name, words)
	}
	call, out, err := d.State.Verb(time.Now(), name, words)
	if d.Called != nil && err == nil {
		d.Called(call)
	}
	if acted := s.apply(d, out); err == nil {
		err = acted
	}
	return err
}

// useNamed uses the verb that a line names.
func (s *state) useNamed(line *input.Line) error {
	d := s.dialect.Load()
	if d == nil {
		return errors.New("the session has no application protocol with verbs")
	}
	return s.use(d, line.Verb, line.Words)
}

// useLine uses the verb that a line begins with, or the verb that the dialect has for lines. It reports whether there
// is one.
func (s *state) useLine(d *Dialect, line *input.Line) (ok bool, err error) {
	if line.Type == client.Binary {
		if !d.TakesInput() {
			return false, nil
		}
		return true, s.use(d, dialect.InputVerb, []dialect.Word{dialect.FileWord(line.Data)})
	}
	name, rest, _ := strings.Cut(string(line.Data), " ")
	if _, ok := d.State.Dialect().Verb(name); ok && !s.Interactive {
		words, err := dialect.SplitWords(rest)
		if err != nil {
			return true, err
		}
		return true, s.use(d, name, words)
	}
	if _, ok := d.State.Dialect().Verb(dialect.LineVerb); ok {
		return true, s.use(d, dialect.LineVerb, []dialect.Word{{Text: string(line.Data), Quoted: true}})
	}
	return false, nil
}

// useEnd uses the verb for the end of standard input.
func (s *state) useEnd(d *Dialect) {
	if !d.isLocal() {
		return
	}
	if _, ok := d.State.Dialect().Verb(dialect.EndVerb); ok {
		s.use(d, dialect.EndVerb, nil)
	}
}

// as switches to another dialect, or to none.
func (s *state) as(_ context.Context, name string) error {
	switch {
	case name == "":
		return errArgument
	case name == "off":
		s.dialect.Store(nil)
		return nil
	case s.Accept != nil:
		return errors.New("a dialect translates the messages of a server: it cannot be used with clients that connect here")
	case s.OpenDialect == nil:
		return errors.New("there are no dialects here")
	}
	d, err := s.OpenDialect(name)
	if err != nil {
		return err
	}
	s.setDialect(d)
	s.background.Go(func() { s.runTicks(s.sessionCtx, d) }) // ended by the session's end, or by another /as
	return s.apply(d, s.login(d, s.session.Handshake()))
}

// verbs returns the verbs of the dialect as commands.
func (d *Dialect) verbs() (rows []command) {
	if d == nil {
		return nil
	}
	for _, v := range d.State.Dialect().Verbs {
		_, args, _ := strings.Cut(v.Usage(), " ")
		rows = append(rows, command{name: v.Name, args: args, help: v.Description, run: func(s *sender, _ context.Context, arg string) error {
			words, err := dialect.SplitWords(arg)
			if err != nil {
				return err
			}
			return s.use(d, v.Name, words)
		}, words: d.eventNames})
	}
	return rows
}

// parse returns the verb or command of a line, and its argument. A verb takes precedence over a command of the same name.
func (d *Dialect) parse(line string) (row command, arg string, err error) {
	name, arg, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
	for _, row := range d.verbs() {
		if row.name == name {
			return row, strings.TrimSpace(arg), nil
		}
	}
	return parse(line)
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
	for _, name := range d.knownEvents {
		list = append(list, terminal.Candidate{Text: name})
	}
	return list
}

// recognize shows a note if the first message looks like that of a known protocol.
func (r *receiver) recognize(e *client.Event) error {
	r.recognized = true
	name, title := dialect.Recognize(e.Payload, e.Type == client.Binary, r.session.Handshake().Subprotocol)
	if name == "" {
		return nil
	}
	return r.Output.Status("* " + r.Recognized(title, name))
}
