package check

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/dialect"
	"wsx/errno"
)

// Protocol is the application protocol of a server: each connection is logged in before a check uses it.
type Protocol struct {
	// Connect returns how a client of the protocol opens a connection, and a new session of the dialect.
	Connect func(ctx context.Context) (url string, o dial.Options, state *dialect.State, err error)
	Verb    string   // makes the message for checks that need one; "" = not given
	Words   []string // arguments of Verb
}

// CarrierError is the error when a verb does not make a message that checks can use.
type CarrierError struct{ Verb, Why string }

func (e *CarrierError) Error() string {
	return fmt.Sprintf("the verb %s cannot be the message of the checks: %s", e.Verb, e.Why)
}

// opened is a connection that a check may use.
type opened struct {
	*dial.Conn
	inflate *inflate       // state after the messages that the server has sent, with those of the login; nil = none are compressed
	state   *dialect.State // of the dialect after the login; nil = no dialect
}

// loginTimeout bounds a login.
const loginTimeout = 10 * time.Second

// login logs in on a connection.
type login struct {
	assembler
	conn   *opened
	state  *dialect.State
	unread []byte // bytes received that are not a complete frame yet
}

// logIn exchanges messages until the login of the dialect is done.
func logIn(ctx context.Context, conn *opened, state *dialect.State) error {
	conn.state = state
	l := &login{assembler: assembler{inflate: conn.inflate}, conn: conn, state: state}
	limitedCtx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	stop := context.AfterFunc(limitedCtx, func() { conn.Stream.Close() })
	defer stop()
	err := l.send(state.Open(time.Now(), conn.Handshake.Subprotocol, conn.Handshake.URL))
	for err == nil && !state.LoggedIn() {
		err = l.read()
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limitedCtx.Err() != nil:
		return l.refused(fmt.Sprintf("no answer within %v", loginTimeout))
	case err != nil:
		return err
	}
	if len(l.unread) > 0 {
		conn.Stream = prefixedStream{io.MultiReader(bytes.NewReader(l.unread), conn.Stream), conn.Stream}
	}
	return nil
}

func (l *login) refused(why string) error {
	return &dialect.LoginError{Dialect: l.state.Dialect().Name, What: "login", Why: why}
}

// send sends the messages of the dialect. It returns an error if the login was refused.
func (l *login) send(out dialect.Output) error {
	for _, m := range out.Send {
		f := probe.Text(string(m.Data))
		if m.Binary {
			f = probe.Binary(string(m.Data))
		}
		if err := probe.WriteTo(l.conn.Stream, f); err != nil {
			return l.refused(ended(err))
		}
	}
	for i := range out.Events {
		if out.Events[i].Kind == dialect.KindRefused {
			return l.refused(string(out.Events[i].Text()))
		}
	}
	return nil
}

// read reads frames until a message is complete.
func (l *login) read() error {
	block := make([]byte, 4<<10)
	for {
		for {
			f, size := probe.ParseFrame(l.unread)
			if size == 0 {
				break
			}
			l.unread = l.unread[size:]
			if complete, err := l.addFrame(f); complete || err != nil {
				return err
			}
		}
		n, err := l.conn.Stream.Read(block)
		l.unread = append(l.unread, block[:n]...)
		if n == 0 && err != nil {
			if errno.IsReset(err) || err == io.EOF {
				return l.refused("the server ended the connection")
			}
			return l.refused(ended(err))
		}
	}
}

// addFrame handles a frame, and reports whether it completes a message.
func (l *login) addFrame(f probe.Received) (bool, error) {
	switch f.Opcode {
	case wire.Ping:
		return false, probe.WriteTo(l.conn.Stream, probe.Pong(string(f.Payload)))
	case wire.Close:
		code, reason := wire.ParseClose(f.Payload)
		return false, l.refused(strings.TrimSpace(fmt.Sprintf("the server closed the connection with %s %s", codeName(code), reason)))
	case wire.Text, wire.Binary, wire.Continuation:
	default:
		return false, nil
	}
	m, _, complete, err := l.add(f)
	if err != nil {
		return true, l.refused(fmt.Sprintf("a compressed message does not inflate: %v", err))
	}
	if !complete {
		return false, nil
	}
	out, err := l.state.Receive(time.Now(), m.Opcode == wire.Binary, []byte(m.Payload))
	if err != nil {
		return true, l.refused(err.Error())
	}
	return true, l.send(out)
}

// carrier returns the message that the verb makes on a logged-in connection.
func (p *Protocol) carrier(state *dialect.State) (string, error) {
	_, out, err := state.Verb(time.Now(), p.Verb, dialect.PlainWords(p.Words...))
	switch {
	case err != nil:
		return "", err
	case len(out.Send) != 1:
		return "", &CarrierError{p.Verb, fmt.Sprintf("it makes %d messages, and the checks need one", len(out.Send))}
	case out.Send[0].Binary:
		return "", &CarrierError{p.Verb, "its message is binary, and the checks need a text message"}
	}
	return string(out.Send[0].Data), nil
}

// prefixedStream is a stream that begins with bytes already read from it.
type prefixedStream struct {
	io.Reader
	io.WriteCloser
}
