package repl

import (
	"cmp"
	"errors"
	"time"

	"wsx/client"
	"wsx/dialect"
)

// endDialect ends the session with the closing messages of the dialect; err may be nil.
func (s *state) endDialect(d *Dialect, err error) {
	d.mu.Lock()
	d.endErr = cmp.Or(d.endErr, err)
	d.mu.Unlock()
	overdue := s.closeIfBlocked(s.endTimeout(), s.Ending.closeCode(), s.Ending.CloseReason)
	s.sendClosingMessages(d, func() {
		overdue.Stop()
		s.session.CloseNow(s.Ending.closeCode(), s.Ending.CloseReason)
	})
}

// maxEndTimeout is the default of endTimeout, as long as a closing handshake may take.
const maxEndTimeout = 15 * time.Second

// endTimeout bounds how long the Close waits for what the dialect has decided to send before: the server may not read.
func (s *state) endTimeout() time.Duration { return cmp.Or(s.Options.CloseTimeout, maxEndTimeout) }

// closeIfBlocked closes the session when the limit has passed, unless the timer is stopped before.
func (s *state) closeIfBlocked(limit time.Duration, code int, reason string) *time.Timer {
	session := s.session
	return time.AfterFunc(limit, func() { session.CloseNow(code, reason) })
}

// sendClosingMessages calls then, after everything that the dialect has decided to send and the messages that it sends before a Close.
func (s *state) sendClosingMessages(d *Dialect, then func()) {
	if !d.isLocal() {
		then()
		return
	}
	d.queue.Add(d.State.BeforeClose(time.Now()), func(out dialect.Output) {
		if session, ok := s.session.(interface{ ExpectEnd() }); ok && len(out.Send) > 0 {
			session.ExpectEnd()
		}
		s.sendForDialect(out.Send, nil)
		if out.Rescheduled {
			d.reschedule(out.Next)
		}
		s.session.Flush()
		then()
	})
}

// failure returns the error that the dialect ended the session with; nil = there was no error.
func (d *Dialect) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.endErr
}

// replied reports whether Dialect.Verb has ended with a reply, and returns its error. The session is then over, however the server
// ends it: the sender may learn of that before the reply. With Everything, it continues after a reply that is no error.
func (d *Dialect) replied() (ok bool, err error) {
	if d == nil {
		return false, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hasReplied && (d.replyErr != nil || !d.Everything), d.replyErr
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

// Missing returns what the server has not sent: the login's answer, or a reply to Dialect.Verb; "" = nothing that is known.
func (d *Dialect) Missing() string {
	switch {
	case d.isLocal() && d.State.LoginPending():
		return "no answer to the login"
	case d.oneShot() && !d.hasReply.Load() && !d.isSubscription.Load():
		return "no reply"
	}
	return ""
}

// loginCodes is the first close code for private use (RFC 6455, section 7.4.2), with which protocols refuse a login.
const loginCodes = 4000
