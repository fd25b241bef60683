package repl

import (
	"context"
	"io"

	"wsx/codec"
	"wsx/repl/render"
)

// View configures which messages are shown, and how. Commands at the prompt can change it during a session.
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

	Translates bool // messages may be translated by a dialect
	Untouched  bool // with Translates: show them untranslated

	Decoder *codec.Decoder // decodes payloads for people, templates and queries; nil = they are not decoded
}

// renderer returns the renderer of the view. Notes about messages that cannot be shown in this view go to side. current returns
// the context of the message that is being rendered.
func (v View) renderer(side io.Writer, current func() context.Context) (render.Renderer, error) {
	renderer, err := v.shown(side, current)
	if err == nil && (v.Grep != "" || v.GrepV != "") {
		renderer, err = render.NewGrep(renderer, v.Grep, v.GrepV, v.Options.MaxMessage)
	}
	if err == nil && v.Decoder != nil && v.Format != "json" {
		renderer = &render.Decode{
			To: renderer, Decoder: v.Decoder, Context: current, Notes: side, Sent: v.Options.Sent, MaxMessage: v.Options.MaxMessage,
		}
	}
	if err == nil && v.Translates && (v.Format != "json" || v.JQ != "" || v.Template != "") {
		renderer = &render.Translate{To: renderer, Errors: side, Raw: v.Untouched, Terminal: v.Options.Terminal}
	}
	return renderer, err
}

// shown returns the renderer before filters.
func (v View) shown(side io.Writer, current func() context.Context) (render.Renderer, error) {
	if v.Timestamps != "" {
		stamp, err := render.NewStamp(v.Timestamps, v.Options.Theme)
		if err != nil {
			return nil, err
		}
		v.Options.Stamp = stamp
	}
	switch {
	case v.Renderer != nil:
		return v.Renderer, nil
	case v.JQ != "":
		return v.jq(side, current)
	case v.Template != "":
		t, err := render.NewTemplate(v.Template, v.Options.Terminal, v.Options.Theme != render.Theme{})
		if err != nil {
			return nil, err
		}
		t.Notes, t.Sent, t.MaxMessage, t.Context = side, v.Options.Sent, v.Options.MaxMessage, current
		return t, nil
	}
	return render.New(v.Format, v.Options)
}

func (v View) jq(side io.Writer, current func() context.Context) (render.Renderer, error) {
	query, err := render.NewQuery(v.JQ)
	if err != nil {
		return nil, err
	}
	return &render.JQ{
		Query: query, Context: current, Notes: side, Raw: v.JQRaw, Zero: v.Options.Zero, Terminal: v.Options.Terminal,
		Theme: v.Options.Theme, Sent: v.Options.Sent, MaxMessage: v.Options.MaxMessage,
	}, nil
}

// shownFormat returns the format, jq expression or template that messages are shown with.
func shownFormat(v View) string {
	switch {
	case v.JQ != "":
		return "jq " + v.JQ
	case v.Template != "":
		return "template " + v.Template
	}
	return v.Format
}
