package main

import (
	"os"

	"wsx/repl/render"
)

// theme is the colours of a stream.
func (f *flags) theme(s surroundings, to *os.File) render.Theme {
	return render.NewTheme(render.UseColor(f.color.value, isTerminal(to), s.env))
}

// messages shows messages on standard output, in the format asked for.
func (f *flags) messages(s surroundings) render.Renderer {
	theme := f.theme(s, s.stdout)
	switch f.format.value {
	case "json":
		return &render.JSON{MaxMessage: int64(f.maxMessage), ShowSecrets: f.showSecrets}
	case "bytes":
		return &render.Bytes{}
	case "pretty":
		return &render.Pretty{Theme: theme, Stamp: f.stamp(theme), MaxMessage: int64(f.maxMessage)}
	}
	return &render.Raw{Zero: f.null, Terminal: isTerminal(s.stdout), Stamp: f.stamp(theme)}
}

// notes shows on standard error, or the terminal, all that is not a message. In a script only what was asked for and
// what went wrong is told.
func (f *flags) notes(s surroundings) render.Renderer {
	theme := f.theme(s, s.stderr)
	return &render.Notes{
		Quiet:   f.quiet || !f.verbose && !isTerminal(s.stderr),
		Verbose: f.verbose,
		Control: f.showPingPong,
		Theme:   theme,
		Stamp:   f.stamp(theme),
	}
}

// stamp shows when things happened, nil if that was not asked for.
func (f *flags) stamp(theme render.Theme) *render.Stamp {
	if f.timestamps.value == "" {
		return nil
	}
	stamp, _ := render.NewStamp(f.timestamps.value, theme) // the flag's parser knows the three words
	return stamp
}

// formatNames are the formats that -f knows.
func formatNames() []string { return []string{"pretty", "raw", "bytes", "json"} }
