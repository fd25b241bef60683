package main

import (
	"os"

	"wsx/repl"
	"wsx/repl/render"
)

// theme is the colours of a stream.
func (f *flags) theme(s surroundings, to *os.File) render.Theme {
	return render.NewTheme(render.UseColor(f.color.value, isTerminal(to), s.env))
}

// look is how messages are shown on standard output.
func (f *flags) look(s surroundings) repl.Look {
	return repl.Look{
		Format:     f.format.value,
		Timestamps: f.timestamps.value,
		Options: render.Options{
			Terminal: isTerminal(s.stdout), Theme: f.theme(s, s.stdout),
			Zero: f.null, MaxMessage: int64(f.maxMessage), Secrets: f.showSecrets,
		},
	}
}

// notes shows on standard error, or the terminal, all that is not a message. In a script only what was asked for and
// what went wrong is told.
func (f *flags) notes(s surroundings) *render.Notes {
	return &render.Notes{
		Quiet:   f.quiet || !f.verbose && !isTerminal(s.stderr),
		Verbose: f.verbose,
		Control: f.showPingPong,
		Theme:   f.theme(s, s.stderr),
	}
}

// formatNames are the formats that -f knows.
func formatNames() []string {
	var names []string
	for _, f := range render.Formats() {
		names = append(names, f.Name)
	}
	return names
}
