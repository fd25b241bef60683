package repl

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"wsx/client"
	"wsx/dialect"
)

// ReplyError is an error reply to a verb, or a server that closed before the reply.
type ReplyError struct{ Name, Text string }

func (e *ReplyError) Error() string { return e.Name + ": " + e.Text }

// Kind returns the kind of the error event.
func (e *ReplyError) Kind() string { return "close" }

// NotLoggedInError is the error when a session ends while verbs wait for the login of the dialect.
type NotLoggedInError struct {
	Name  string // of the dialect
	Verbs int
}

func (e *NotLoggedInError) Error() string {
	verbs := "verb was"
	if e.Verbs > 1 {
		verbs = "verbs were"
	}
	return fmt.Sprintf("%s: the session ended before the login was complete; %d %s not sent", e.Name, e.Verbs, verbs)
}

// Kind returns the kind of the error event.
func (e *NotLoggedInError) Kind() string { return "handshake" }

// StatusError is the exit code, not 0, of a program that the server ran.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("the remote program ended with exit code %d", e.Code)
}

// Kind returns the kind of the error event.
func (e *StatusError) Kind() string { return "io" }

// endDialect ends the session with the closing messages of the dialect; err may be nil.
func (r *REPL) endDialect(d *Dialect, err error) {
	d.mu.Lock()
	d.endErr = cmp.Or(d.endErr, err)
	d.mu.Unlock()
	r.sendClosingMessages(d, func() { r.session.CloseNow(r.Ending.closeCode(), r.Ending.CloseReason) })
}

// sendClosingMessages calls then, after everything that the dialect has decided to send and the messages that it sends before a Close.
func (r *REPL) sendClosingMessages(d *Dialect, then func()) {
	if !d.isLocal() {
		then()
		return
	}
	d.queue.Add(d.State.BeforeClose(time.Now()), func(out dialect.Output) {
		r.sendForDialect(out.Send)
		r.session.Flush()
		then()
	})
}

// failure returns the error that the dialect ended the session with; nil = there was no error.
func (d *Dialect) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.endErr
}

// loginErrorOr returns a *LoginError for a Close with an application's code before the login was done, else ended.
func (d *Dialect) loginErrorOr(ended error) error {
	if closed, ok := errors.AsType[*client.CloseError](ended); ok && closed.Code >= loginCodes && !d.State.LoggedIn() {
		return &dialect.LoginError{Dialect: d.State.Dialect().Name, What: "login", Why: closed.Error()}
	}
	return ended
}

// unanswered returns the error of a session that ended normally, but before the login or before the reply to Dialect.Verb;
// nil = there is no such error.
func (d *Dialect) unanswered() error {
	if queued := d.State.Queued(); queued > 0 && !d.oneShot() {
		return &NotLoggedInError{d.State.Dialect().Name, queued}
	}
	if !d.oneShot() || d.hasEnded.Load() || d.hasReply.Load() {
		return nil
	}
	return &ReplyError{d.Verb[0], "the server closed before the reply"}
}

// loginCodes is the first close code for private use (RFC 6455, section 7.4.2), with which protocols refuse a login.
const loginCodes = 4000
