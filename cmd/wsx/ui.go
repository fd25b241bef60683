package main

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"wsx/codec"
	"wsx/repl"
	"wsx/repl/draft"
	"wsx/repl/input"
	"wsx/repl/script"
	"wsx/terminal"
)

// ui has the streams, the terminal and the output of a session.
type ui struct {
	source    input.Source  // nil = nothing is sent
	name      string        // what the source reads, for errors; "" = standard input
	inbox     *script.Inbox // for commands, which may expect something; nil = no commands
	output    *repl.Output
	showsSent bool // report sent messages too, since flags or commands may show them

	screen         *os.File           // where the prompt is drawn
	terminal       *terminal.Terminal // nil = there is no prompt; so are the next two
	history        *terminal.History
	historyError   error // the error of opening the history
	showsTip       bool  // the history is short
	completion     *repl.Completion
	releaseGuard   func()                            // ends the guard process of the terminal
	sharedTerminal atomic.Pointer[terminal.Terminal] // the same as terminal, for other goroutines

	question question                  // for a secret, without a prompt
	repl     atomic.Pointer[repl.REPL] // the session that runs; nil = none yet
}

// openUI opens the output, the source and, if there is to be a prompt, the terminal. With a script there is no prompt. It may
// block while it opens files, until ctx ends.
func (f *flags) openUI(ctx context.Context, s environment, u *ui, script *scriptRun, signals *signals) (err error) {
	var out, side io.Writer = pipe{s.stdout, signals}, pipe{s.stderr, signals}
	if script == nil && f.wantsPrompt(s) {
		<-signals.installed // before the terminal is changed
		if err := f.openTerminal(s, u); err != nil {
			return err
		}
		side = u.terminal
		if isTerminal(s.stdout) {
			out = u.terminal
		}
	} else if isTerminal(s.stdout) && isTerminal(s.stderr) {
		side = out // one buffer keeps their order
	}
	if script.takesOutput() {
		out = io.Discard
	}
	view := f.view(s)
	if view.Options.Terminal {
		view.Options.Width = func() int { return screenWidth(s.stdout) }
	}
	if f.background != nil {
		out, side = io.Discard, &f.background.notes
		view.Renderer, view.Format = f.background.server, "json"
	}
	if u.interactive() {
		view.Options.Height = u.height
	}
	view.Translates, view.Untouched = f.dialect != nil || u.interactive(), f.rawFrames
	view.Decoder, err = awaitFiles(ctx, func() (*codec.Decoder, error) { return f.decoder(f.viewDecoder()) })
	if err != nil {
		return err
	}
	notes := f.notes(s)
	if u.interactive() && u.showsTip {
		notes.Tip = "/help, Ctrl-D ends"
	}
	if u.output, err = repl.NewOutput(ctx, out, side, view, notes); err != nil {
		return err
	}
	if width := u.noteWidth(s); width != nil {
		u.output.WrapNotes(width)
	}
	if u.historyError != nil {
		u.output.Status("* " + u.historyError.Error())
	}
	if u.interactive() {
		u.output.ContinueOnError()
	}
	if f.record != "" {
		if err := u.output.Record(ctx, f.record, f.showSecrets, nil); err != nil {
			return err
		}
	}
	switch {
	case script != nil:
		u.source, u.name, u.inbox = script.run, script.name, script.run.Inbox()
	case f.slash || u.interactive():
		u.inbox = f.inbox(promptInboxSize)
	}
	u.showsSent = f.background != nil || u.inbox != nil || f.format.Value == "json" || f.record != "" || len(f.only) > 0
	if script == nil {
		u.source, err = f.source(ctx, s, u)
	}
	return err
}

// tipLines is the length of the history from which on no tip is shown, in lines.
const tipLines = 10

// promptInboxSize is how much of the received messages is kept for /expect, in bytes.
const promptInboxSize = 4 << 20

// inbox returns an inbox that keeps at most size bytes of received messages for expectations; 0 = 64 MiB.
func (f *flags) inbox(size int) *script.Inbox {
	return script.NewInbox(time.Duration(f.expectTimeout), size)
}

// wantsPrompt reports whether there is to be a prompt: standard input is a terminal, and has no other use.
func (f *flags) wantsPrompt(s environment) bool {
	if f.background != nil || f.attached != nil && !f.attached.prompts {
		return false
	}
	return isTerminal(s.stdin) && f.input.Value == "lines" && !f.echo && len(f.verb) == 0 && (len(f.execute) == 0 || f.interactive)
}

// interactive reports whether there is a prompt.
func (u *ui) interactive() bool { return u.terminal != nil }

// status returns the function that sets the status row; nil = there is no prompt.
func (u *ui) status() func(string) {
	if u.terminal == nil {
		return nil
	}
	return u.terminal.SetStatus
}

// height returns the number of rows of the screen; 0 without a prompt.
func (u *ui) height() int {
	if u.terminal == nil {
		return 0
	}
	_, height := u.terminal.Size()
	return height
}

// noteWidth returns a function for the width of the screen that shows notes; nil = notes do not go to a screen.
func (u *ui) noteWidth(s environment) func() int {
	switch {
	case u.interactive():
		return func() int {
			width, _ := u.terminal.Size()
			return width
		}
	case isTerminal(s.stderr):
		return func() int { return screenWidth(s.stderr) }
	}
	return nil
}

// interrupted is called for Ctrl-C on an empty line while a command runs or the connection is being opened: it cancels the
// command, closes the session or stops connecting, and reports whether a command was cancelled, so that the prompt stays.
func (u *ui) interrupted() bool {
	running := u.repl.Load()
	if running != nil && running.CancelCommand() {
		return true
	}
	if running == nil || !running.Quit() {
		interruptSelf()
	}
	return false
}

// quit ends the use of the session, as /quit does.
func (u *ui) quit() {
	if running := u.repl.Load(); running != nil {
		running.Quit()
	}
}

// close restores the terminal, and closes the history.
func (u *ui) close() {
	if u.terminal != nil {
		u.terminal.Close()
	}
	if u.releaseGuard != nil {
		u.releaseGuard()
		u.releaseGuard = nil
	}
	if u.history != nil {
		u.history.Close()
	}
}

// restore restores the terminal at once. Any goroutine may call it.
func (u *ui) restore() {
	u.question.close()
	if open := u.sharedTerminal.Load(); open != nil {
		open.Restore()
	}
}

// openTerminal opens the prompt on the terminal at standard input. If standard output is not a terminal, the prompt is drawn on
// the controlling terminal.
func (f *flags) openTerminal(s environment, u *ui) (err error) {
	out := s.stdout
	if !isTerminal(out) {
		if out, err = os.OpenFile(terminalDevice, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	if !f.noHistory {
		u.history, u.historyError = terminal.OpenHistory(statePath(s.getenv, "history")) // an error does not prevent the prompt
	}
	u.showsTip = u.history != nil && u.history.Len() < tipLines
	u.screen = out
	u.completion = &repl.Completion{}
	config := terminal.Config{
		In: s.stdin, Out: out, Env: s.getenv, Prompt: "> ",
		History: u.history, Complete: u.completion.Complete, Hint: u.completion.Hint,
		Incomplete: u.completion.Incomplete, Mistake: u.completion.Mistake, Secret: repl.HasSecret, Reformat: u.completion.Reformat, Plain: f.plain,
		ViMode: f.vi, Editor: editor(s.getenv), Interrupt: u.interrupted,
	}
	if f.attached != nil {
		config.Escape = u.quit
	}
	if f.colours(s, out) {
		config.Colors = terminal.Colors{Prompt: "32", Fold: "2", Hint: "2", Status: "34", Note: "2", Suggestion: "2"}
		config.Paint = u.completion.Paint(draft.Styles{Key: "1;34", String: "32", Number: "36", Literal: "33", Match: "1;4", Broken: "31"})
	}
	u.releaseGuard = startTTYGuard(s, s.stdin)
	u.terminal, err = terminal.Open(config)
	if err == nil {
		u.sharedTerminal.Store(u.terminal)
	}
	return err
}
