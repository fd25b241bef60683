package main

import (
	"os"
	"slices"

	"wsx/cmd/wsx/explain"
	"wsx/repl"
	"wsx/repl/render"
)

// colours reports whether the output to a stream is coloured.
func (f *flags) colours(s environment, to *os.File) bool {
	return render.UseColor(f.color.Value, isTerminal(to), s.getenv)
}

// theme returns the colours for a stream.
func (f *flags) theme(s environment, to *os.File) render.Theme {
	return render.NewTheme(f.colours(s, to))
}

// view returns how messages are shown on standard output.
func (f *flags) view(s environment) repl.View {
	return repl.View{
		Format:     f.format.Value,
		Timestamps: f.timestamps.Value,
		Template:   f.template,
		JQ:         f.jq,
		JQRaw:      f.jqRaw,
		Only:       f.only,
		Grep:       f.grep,
		GrepV:      f.grepV,
		Options: render.Options{
			Sent:     slices.Contains(f.only, "out"),
			Terminal: isTerminal(s.stdout), Theme: f.theme(s, s.stdout),
			Rows: int(f.maxRows), Zero: f.null, MaxMessage: int64(f.maxMessage), Secrets: f.showSecrets, Hinter: explain.Hint,
		},
	}
}

// notes returns the renderer of everything that is not a message, for standard error or the terminal. If standard error is no
// terminal, it shows only errors and what the flags ask for.
func (f *flags) notes(s environment) *render.Notes {
	return &render.Notes{
		Quiet:   f.quiet || !f.verbose && !isTerminal(s.stderr) && f.listen == "",
		Verbose: f.verbose,
		Control: f.showPingPong,
		Trace:   f.trace,
		Theme:   f.theme(s, s.stderr),
		Hinter:  explain.Hint,
		More:    " (-v shows more)",
	}
}

// formatNames returns the names that -f accepts.
func formatNames() []string {
	return namesOf(render.Formats(), func(f render.Format) string { return f.Name })
}
