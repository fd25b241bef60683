package repl

import (
	"context"
	"io"

	"wsx/codec"
	"wsx/repl/render"
)

// View is how messages are shown, and which. The commands at the prompt change it while the session goes on.
type View struct {
	Format     string          // a name of render.Formats
	Template   string          // a text/template instead of a format; "" = none
	Renderer   render.Renderer // instead of a format; nil = none
	JQ         string          // a jq expression instead of a format; "" = none
	JQRaw      bool            // its strings without quotes
	Timestamps string          // wall, relative or delta; "" = none
	Only       []string        // words of render.OnlyNames, for pings, pongs and frames as well; none = everything
	Grep       string          // only messages that match; "" = all
	GrepV      string          // no messages that match; "" = all
	Options    render.Options

	Translates bool // messages may have a meaning, that of a dialect
	Untouched  bool // with Translates: they are shown as they are nevertheless

	Decoder *codec.Decoder // what payloads stand for, where people, templates and queries read them; nil = as they are
}

// renderer returns what shows messages so. Notes of a message that cannot be shown so go to side. The context is that of the message
// at hand.
func (l View) renderer(side io.Writer, current func() context.Context) (render.Renderer, error) {
	renderer, err := l.shown(side, current)
	if err == nil && (l.Grep != "" || l.GrepV != "") {
		renderer, err = render.NewGrep(renderer, l.Grep, l.GrepV, l.Options.MaxMessage)
	}
	if err == nil && l.Decoder != nil && l.Format != "json" {
		renderer = &render.Decode{
			To: renderer, Decoder: l.Decoder, Context: current, Notes: side, Sent: l.Options.Sent, MaxMessage: l.Options.MaxMessage,
		}
	}
	if err == nil && l.Translates && (l.Format != "json" || l.JQ != "" || l.Template != "") {
		renderer = &render.Translate{To: renderer, Errors: side, Raw: l.Untouched, Terminal: l.Options.Terminal}
	}
	return renderer, err
}

// shown returns the renderer before filters.
func (l View) shown(side io.Writer, current func() context.Context) (render.Renderer, error) {
	if l.Timestamps != "" {
		stamp, err := render.NewStamp(l.Timestamps, l.Options.Theme)
		if err != nil {
			return nil, err
		}
		l.Options.Stamp = stamp
	}
	switch {
	case l.Renderer != nil:
		return l.Renderer, nil
	case l.JQ != "":
		return l.jq(side, current)
	case l.Template != "":
		t, err := render.NewTemplate(l.Template, l.Options.Terminal, l.Options.Theme != render.Theme{})
		if err != nil {
			return nil, err
		}
		t.Notes, t.Sent, t.MaxMessage, t.Context = side, l.Options.Sent, l.Options.MaxMessage, current
		return t, nil
	}
	return render.New(l.Format, l.Options)
}

func (l View) jq(side io.Writer, current func() context.Context) (render.Renderer, error) {
	query, err := render.NewQuery(l.JQ)
	if err != nil {
		return nil, err
	}
	return &render.JQ{
		Query: query, Context: current, Notes: side, Raw: l.JQRaw, Zero: l.Options.Zero, Terminal: l.Options.Terminal,
		Theme: l.Options.Theme, Sent: l.Options.Sent, MaxMessage: l.Options.MaxMessage,
	}, nil
}
