package repl

import (
	"wsx/repl/render"
)

// Look is how messages are shown. The commands at the prompt change it while the conversation goes on.
type Look struct {
	Format     string // a name of render.Formats
	Timestamps string // wall, relative or delta; "" = none
	Options    render.Options
}

// renderer is what shows messages so.
func (l Look) renderer() (render.Renderer, error) {
	if l.Timestamps != "" {
		stamp, err := render.NewStamp(l.Timestamps, l.Options.Theme)
		if err != nil {
			return nil, err
		}
		l.Options.Stamp = stamp
	}
	return render.New(l.Format, l.Options)
}
