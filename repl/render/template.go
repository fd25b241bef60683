package render

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"time"

	"github.com/fatih/color"

	"wsx/client"
	"wsx/jq"
)

// Fields are the fields of a message that a template can use.
type Fields struct {
	Time   time.Time `json:"time"`
	Dir    string    `json:"dir"`    // in or out
	Type   string    `json:"type"`   // text or binary
	Bytes  int       `json:"bytes"`  // of the payload
	Data   string    `json:"data"`   // the payload
	Number int       `json:"number"` // of messages shown so far, this one included
}

// JSON returns the payload parsed as JSON, so that {{.JSON.id}} is a member of it.
func (f Fields) JSON() (any, error) {
	parser := jq.TextValues(f.Data)
	value, err := parser.Next()
	if err == nil && parser.More() {
		err = jq.ErrNotJSON
	}
	return value, err
}

// Template shows each received message with a Go template (text/template). Outside of {{ }} the escapes \n, \t, \r and \\ are
// replaced; nothing, not even a newline, is added to the output.
type Template struct {
	Notes      io.Writer              // for notes about messages that the template fails on; nil = no notes are written
	Sent       bool                   // what was sent, too
	MaxMessage int64                  // bytes of a message that are kept; 0 = all
	Context    func() context.Context // of the current message, cancels the template; nil = it cannot be cancelled

	compiled *template.Template
	terminal bool
	coloured bool
	whole    assembler
	number   int
	text     bytes.Buffer
	spans    []string // what the template coloured in the current message
	clean    []byte
}

// NewTemplate compiles a template. With terminal set, messages are sanitized, and only the template itself can use colours. The
// error is a *FormatError.
func NewTemplate(text string, terminal, coloured bool) (*Template, error) {
	t := &Template{terminal: terminal, coloured: coloured}
	compiled, err := template.New("template").Funcs(t.functions()).Option("missingkey=zero").Parse(text)
	if err != nil {
		return nil, &FormatError{Reason: err.Error(), Err: err}
	}
	for _, part := range compiled.Templates() {
		unescapeText(part.Root)
	}
	t.compiled = compiled
	if err := t.try(); err != nil {
		return nil, err
	}
	return t, nil
}

// try executes the template once, which is the only way to find fields that do not exist.
func (t *Template) try() error {
	err := t.compiled.Execute(io.Discard, Fields{})
	if err != nil && strings.Contains(err.Error(), "can't evaluate field") && strings.Contains(err.Error(), "in type render.Fields") {
		return &FormatError{Reason: err.Error(), Hint: "fields: .Time .Dir .Type .Bytes .Data .Number .JSON", Err: err}
	}
	return nil
}

func (t *Template) functions() template.FuncMap {
	return template.FuncMap{
		"time":   func(layout string, at time.Time) string { return at.Local().Format(layout) },
		"json":   encodeJSON,
		"base64": func(data string) string { return base64.StdEncoding.EncodeToString([]byte(data)) },
		"hex":    func(data string) string { return hex.EncodeToString([]byte(data)) },
		"upper":  strings.ToUpper,
		"lower":  strings.ToLower,
		"colour": t.colour,
		"color":  t.colour,
	}
}

// encodeJSON returns a value as JSON. Characters that HTML knows stay as they are.
func encodeJSON(v any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// minTemplateText is how much a template may write for one message, in bytes, if that is more than three times the largest
// message.
const minTemplateText = 1 << 20

// boundedWriter fails after max bytes, or when ctx has ended.
type boundedWriter struct {
	to  *bytes.Buffer
	ctx context.Context
	max int64
}

func (b *boundedWriter) Write(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, errInterrupted
	}
	if int64(b.to.Len()+len(p)) > b.max {
		return 0, fmt.Errorf("the template wrote more than %d bytes", b.max)
	}
	return b.to.Write(p)
}

// Render writes what the template makes of a message once its last fragment has been received.
func (t *Template) Render(w io.Writer, e client.Event) error {
	e, length, ok := t.whole.message(e, t.Sent, t.MaxMessage)
	if !ok {
		return nil
	}
	t.number++
	t.text.Reset()
	t.spans = t.spans[:0]
	if t.text.Cap() > keptCapacity {
		t.text = bytes.Buffer{}
	}
	bounded := &boundedWriter{to: &t.text, ctx: contextOf(t.Context), max: max(3*t.MaxMessage, minTemplateText)}
	if err := t.compiled.Execute(bounded, t.fields(e, length)); err != nil {
		return writeNote(t.Notes, fmt.Sprintf("message %d: %v", t.number, err))
	}
	text := t.text.Bytes()
	if t.terminal {
		t.clean = t.sanitize(t.clean[:0], text)
		text = t.clean
	}
	if len(text) == 0 {
		return nil
	}
	_, err := w.Write(text)
	return err
}

func (t *Template) fields(e client.Event, length int64) Fields {
	f := Fields{Time: e.Time, Dir: "in", Type: "text", Bytes: int(length), Data: string(e.Payload), Number: t.number}
	if e.Dir == client.Out {
		f.Dir = "out"
	}
	if e.Type == client.Binary {
		f.Type = "binary"
	}
	return f
}

// colours returns the names that the function colour takes.
func colours() map[string]color.Attribute {
	return map[string]color.Attribute{
		"black": color.FgBlack, "red": color.FgRed, "green": color.FgGreen, "yellow": color.FgYellow, "blue": color.FgBlue,
		"magenta": color.FgMagenta, "cyan": color.FgCyan, "white": color.FgWhite, "bold": color.Bold, "faint": color.Faint,
		"underline": color.Underline,
	}
}

// colour colours text. At a terminal it returns a mark, NUL number NUL, that sanitize replaces by the coloured text. A message
// that contains such a mark can at most repeat text that the template has coloured.
func (t *Template) colour(name, text string) (string, error) {
	attribute, ok := colours()[name]
	switch {
	case !ok:
		return "", fmt.Errorf("unknown colour %q", name)
	case !t.coloured:
		return text, nil
	case !t.terminal:
		return newStyle(attribute).Paint(text), nil
	}
	span := newStyle(attribute).Paint(string(t.sanitize(nil, []byte(text))))
	t.spans = append(t.spans, span)
	return "\x00" + strconv.Itoa(len(t.spans)-1) + "\x00", nil
}

// sanitize escapes all but the marks.
func (t *Template) sanitize(dst, text []byte) []byte {
	for {
		before, rest, found := bytes.Cut(text, []byte{0})
		dst = Sanitize(dst, before)
		if !found {
			return dst
		}
		number, after, found := bytes.Cut(rest, []byte{0})
		if i, err := strconv.Atoi(string(number)); found && err == nil && i >= 0 && i < len(t.spans) {
			dst = append(dst, t.spans[i]...)
			text = after
			continue
		}
		dst = appendEscape(dst, 0)
		text = rest
	}
}

// unescapeText replaces the escapes in what stands outside of actions.
func unescapeText(node parse.Node) {
	switch n := node.(type) {
	case *parse.TextNode:
		n.Text = []byte(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(string(n.Text)))
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			unescapeText(child)
		}
	case *parse.IfNode:
		unescapeBranch(&n.BranchNode)
	case *parse.RangeNode:
		unescapeBranch(&n.BranchNode)
	case *parse.WithNode:
		unescapeBranch(&n.BranchNode)
	}
}

func unescapeBranch(b *parse.BranchNode) {
	unescapeText(b.List)
	unescapeText(b.ElseList)
}
