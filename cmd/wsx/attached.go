package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"wsx/client"
	"wsx/daemon"
	"wsx/dialect"
	"wsx/repl"
)

// connect connects to the process of the session.
func (a *attached) connect(f *flags, s environment, o daemon.AttachOptions) error {
	a.begun = time.Now()
	folder, err := daemon.OpenFolder(s.getenv)
	if err == nil {
		a.session, err = folder.Within(time.Duration(f.timeout)).Attach(a.name, o)
	}
	return err
}

// attach connects to a session, runs the command on it, and detaches.
func (f *flags) attach(s environment, a *attached, o daemon.AttachOptions) error {
	if err := a.connect(f, s, o); err != nil {
		return err
	}
	defer a.session.Discard()
	f.attached = a
	return f.run(s, a.name, nil)
}

// run runs a REPL on the session.
func (a *attached) run(ctx context.Context, f *flags, u *ui, config repl.Config) (client.Summary, error) {
	status := a.session.Status()
	config.URL, config.OpenDialect, config.Recognized, config.Opened = status.URL, nil, nil, true
	config.Dial = func(_ context.Context, handler client.Handler) (repl.Session, error) {
		if f.dialect != nil {
			a.session.Follow(f.dialect.NoteStarted)
		}
		a.session.Deliver(handler, u.showsSent)
		return a.session, nil
	}
	session := repl.New(config)
	u.repl.Store(session) // before the note, which names keys that end it
	if u.interactive() {
		u.output.Status(fmt.Sprintf("* attached to %s, %s (%s); Ctrl-] detaches, /close closes the session for everyone", a.name, status.URL, status.State))
	}
	err := session.Run(ctx)
	if u.interactive() && err == nil && !a.session.HasEnded() {
		u.output.Status("* detached from " + a.name + ", which stays open")
	}
	return session.Summary(), err
}

// dialect returns the dialect of the session, whose messages the other process translates; nil = the session has no dialect.
func (a *attached) dialect(f *flags, s environment) (*repl.Dialect, error) {
	as := a.session.Status().As
	if as == "" {
		return nil, nil
	}
	found, err := loadDialect(s.getenv, as)
	if err != nil {
		return nil, err
	}
	if len(f.verb) > 0 {
		if err := found.Check(f.verb[0], dialect.PlainWords(f.verb[1:]...)); err != nil {
			return nil, err
		}
	}
	return &repl.Dialect{
		State: found.Remote(), Verb: f.verb, Everything: f.wait.Given, Timeout: time.Duration(f.expectTimeout),
		Read: os.ReadFile, Remote: a.session.Use,
	}, nil
}
