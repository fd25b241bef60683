package main

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"wsx/repl"
	"wsx/repl/draft"
	"wsx/repl/input"
	"wsx/repl/script"
	"wsx/terminal"
)

// ui is the streams, the terminal and the output of a session.
type ui struct {
	source    input.Source  // nil = nothing is sent
	name      string        // what the source reads, for errors; "" = standard input
	inbox     *script.Inbox // for commands, which may expect something; nil = no commands
	output    *repl.Output
	showsSent bool // sent messages may be shown as well, as commands can ask for

	screen       *os.File           // where the prompt is drawn
	terminal     *terminal.Terminal // nil = there is no prompt, as the next two
	history      *terminal.History
	historyError error // why there is no history, or not as it should be
	completion   *repl.Completion
	releaseGuard func()                            // ends the guard process of the terminal
	taken        atomic.Pointer[terminal.Terminal] // is terminal, for other goroutines

	repl atomic.Pointer[repl.REPL] // that takes place; nil = not yet
}

// openUI looks at the streams and the flags, and opens the terminal if there is to be a prompt. With a script there is
// no prompt. When ctx ends it waits for nothing any more.
func (f *flags) openUI(ctx context.Context, s environment, st *ui, script *scriptRun, signals *signals) (err error) {
	var out, side io.Writer = pipe{s.stdout, signals}, pipe{s.stderr, signals}
	if script == nil && f.wantsPrompt(s) {
		<-signals.taken // before the terminal is changed
		if err := f.openTerminal(s, st); err != nil {
			return err
		}
		side = st.terminal
		if isTerminal(s.stdout) {
			out = st.terminal
		}
	} else if isTerminal(s.stdout) && isTerminal(s.stderr) {
		side = out // one page keeps their order
	}
	if script.takesOutput() {
		out = io.Discard
	}
	look := f.view(s)
	if look.Options.Terminal {
		look.Options.Width = func() int { return screenWidth(s.stdout) }
	}
	if f.background != nil {
		out, side = io.Discard, &f.background.notes
		look.Renderer, look.Format = f.background.server, "json"
	}
	if st.interactive() {
		look.Options.Height = st.height
	}
	look.Translates, look.Untouched = f.dialect != nil || st.interactive(), f.rawFrames
	if look.Decoder, err = f.decoder(f.viewDecoder()); err != nil {
		return err
	}
	notes := f.notes(s)
	if st.interactive() && st.history != nil && st.history.Len() < newcomerLines {
		notes.Tip = "/help, Ctrl-D ends"
	}
	if st.output, err = repl.NewOutput(ctx, out, side, look, notes); err != nil {
		return err
	}
	if width := st.noteWidth(s); width != nil {
		st.output.WrapNotes(width)
	}
	if st.historyError != nil {
		st.output.Status("* " + st.historyError.Error())
	}
	if st.interactive() {
		st.output.GoOn()
	}
	if f.record != "" {
		if err := st.output.Record(ctx, f.record, f.showSecrets, nil); err != nil {
			return err
		}
	}
	switch {
	case script != nil:
		st.source, st.name, st.inbox = script.run, script.name, script.run.Inbox()
	case f.slash || st.interactive():
		st.inbox = f.inbox(promptInbox)
	}
	st.showsSent = f.background != nil || st.inbox != nil || f.format.value == "json" || f.record != "" || len(f.only) > 0
	if script == nil {
		st.source, err = f.source(ctx, s, st)
	}
	return err
}

// newcomerLines is how many lines in the history mean that the user knows the prompt.
const newcomerLines = 10

// promptInbox is how much of what came is kept for /expect, in bytes.
const promptInbox = 4 << 20

// inbox keeps at most most bytes of received messages for expectations.
func (f *flags) inbox(most int) *script.Inbox {
	return script.NewInbox(time.Duration(f.expectTimeout), most)
}

// wantsPrompt reports whether there is to be a prompt: standard input is a terminal, and has no other use.
func (f *flags) wantsPrompt(s environment) bool {
	if f.background != nil || f.attached != nil && !f.attached.prompts {
		return false
	}
	return isTerminal(s.stdin) && f.input.value == "lines" && !f.echo && len(f.verb) == 0 && (len(f.execute) == 0 || f.interactive)
}

// interactive reports whether there is a prompt.
func (st *ui) interactive() bool { return st.terminal != nil }

// status is the function that shows what is going on; nil = there is no prompt.
func (st *ui) status() func(string) {
	if st.terminal == nil {
		return nil
	}
	return st.terminal.SetStatus
}

// height is how many rows the screen has; 0 without a prompt.
func (st *ui) height() int {
	if st.terminal == nil {
		return 0
	}
	_, height := st.terminal.Size()
	return height
}

// noteWidth returns a function for the width of the screen that shows notes; nil = notes do not go to a screen.
func (st *ui) noteWidth(s environment) func() int {
	switch {
	case st.interactive():
		return func() int {
			width, _ := st.terminal.Size()
			return width
		}
	case isTerminal(s.stderr):
		return func() int { return screenWidth(s.stderr) }
	}
	return nil
}

// interrupted is called for Ctrl-C on an empty line while a command runs or the connection is being opened: it closes the session,
// or stops connecting. A command that runs it cancels, and reports true: the prompt stays.
func (st *ui) interrupted() bool {
	talk := st.repl.Load()
	if talk != nil && talk.CancelCommand() {
		return true
	}
	if talk == nil || !talk.Quit() {
		interruptSelf()
	}
	return false
}

// quit leaves the session, as /quit does.
func (st *ui) quit() {
	if talk := st.repl.Load(); talk != nil {
		talk.Quit()
	}
}

// close gives the terminal back as it was found.
func (st *ui) close() {
	if st.terminal != nil {
		st.terminal.Close()
	}
	if st.releaseGuard != nil {
		st.releaseGuard()
		st.releaseGuard = nil
	}
	if st.history != nil {
		st.history.Close()
	}
}

// restore gives the terminal back at once, whatever else is going on.
func (st *ui) restore() {
	if taken := st.taken.Load(); taken != nil {
		taken.Restore()
	}
}

// openTerminal takes the terminal at standard input. Where standard output leads elsewhere, the prompt is drawn on the
// terminal itself.
func (f *flags) openTerminal(s environment, st *ui) (err error) {
	out := s.stdout
	if !isTerminal(out) {
		if out, err = os.OpenFile(terminalDevice, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	if !f.noHistory {
		st.history, st.historyError = terminal.OpenHistory(historyPath(s.getenv)) // without one, there still is a prompt
	}
	st.screen = out
	st.completion = &repl.Completion{}
	config := terminal.Config{
		In: s.stdin, Out: out, Env: s.getenv, Prompt: "> ",
		History: st.history, Complete: st.completion.Complete, Hint: st.completion.Hint,
		Incomplete: st.completion.Incomplete, Mistake: st.completion.Mistake, Secret: repl.HasSecret, Reformat: st.completion.Reformat, Plain: f.plain,
		ViMode: f.vi, Editor: editor(s.getenv), Interrupt: st.interrupted,
	}
	if f.attached != nil {
		config.Escape = st.quit
	}
	if f.colours(s, out) {
		config.Colors = terminal.Colors{Prompt: "32", Fold: "2", Hint: "2", Status: "34", Note: "2", Suggestion: "2"}
		config.Paint = st.completion.Paint(draft.Styles{Key: "1;34", String: "32", Number: "36", Literal: "33", Match: "1;4", Broken: "31"})
	}
	st.releaseGuard = startTTYGuard(s, s.stdin)
	st.terminal, err = terminal.Open(config)
	if err == nil {
		st.taken.Store(st.terminal)
	}
	return err
}
