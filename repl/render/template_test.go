package render

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestTemplate(t *testing.T) {
	cases := []struct {
		template string
		message  string
		want     string
	}{
		{`{{.Data}}\n`, "hello", "hello\n"},
		{`{{.Number}}\t{{.Dir}} {{.Type}} {{.Bytes}} \\n`, "hello", `1` + "\t" + `in text 5 \n`},
		{`{{.JSON.id}} {{.JSON.a.b}}`, `{"id":12345678901234567890,"a":{"b":"x"}}`, "12345678901234567890 x"},
		{`{{json .JSON}} {{json .Data}}`, `{"b": 1, "a": [true]}`, `{"a":[true],"b":1} "{\"b\": 1, \"a\": [true]}"`},
		{`{{json .JSON}}`, `"a<b>&c"`, `"a<b>&c"`},
		{`{{json .}}`, "x", `{"time":"2026-11-20T12:00:00.000000001Z","dir":"in","type":"text","bytes":1,"data":"x","number":1}`},
		{`{{base64 .Data}} {{hex .Data}} {{upper .Data}} {{lower .Data}}`, "aB", "YUI= 6142 AB ab"},
		{`{{time "2006" .Time}} {{.Time.UTC.Format "15:04"}}`, "x", "2026 12:00"},
		{`{{if eq .Data "x"}}yes\n{{else}}no\n{{end}}{{range .JSON}}{{.}}\n{{end}}`, "[1,2]", "no\n1\n2\n"},
		{`{{colour "red" .Data}}`, "x", "x"},
		{`{{define "a"}}\t{{end}}{{template "a"}}`, "x", "\t"},
		{``, "x", ""},
	}
	for _, c := range cases {
		r, err := NewTemplate(c.template, false, false)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		same(t, c.template, shown(t, r, fragments(textMessage(c.message), 2)...), c.want)
	}
}

func TestInvalidTemplate(t *testing.T) {
	for template, want := range map[string]string{
		"a\n{{.Data":    "template: template:2: unclosed action",
		"{{foo .Data}}": `template: template:1: function "foo" not defined`,
		"{{.Dato}}":     "template: template:1:2: executing \"template\" at <.Dato>: can't evaluate field Dato in type render.Fields",
	} {
		_, err := NewTemplate(template, false, false)
		var invalid *FormatError
		if !errors.As(err, &invalid) || err.Error() != want {
			t.Errorf("%q: %v, want %s", template, err, want)
		}
	}
}

func TestTemplateFails(t *testing.T) {
	r, err := NewTemplate(`before {{.JSON.id}}`, false, false)
	if err != nil {
		t.Fatal(err)
	}
	var notes bytes.Buffer
	r.Notes = &notes
	same(t, "shown", shown(t, r, textMessage("hello"), textMessage(`{"id":1}`)), "before 1")
	if got := notes.String(); !strings.HasPrefix(got, "* message 1: ") || !strings.HasSuffix(got, "not JSON\n") {
		t.Errorf("noted %q", got)
	}
}

func TestTemplateAtTerminal(t *testing.T) {
	cases := []struct{ template, message, want string }{
		{`{{.Data}}`, "\x1b[2J", `\x1b[2J`},
		{`{{.JSON.a}}`, `{"a":"\u001b[2J"}`, `\x1b[2J`},
		{`{{colour "red" .Data}}!`, "a\x1bb", "\x1b[31ma\\x1bb\x1b[0m!"},
		{`{{colour "red" "x"}}{{.Data}}`, "\x001\x00 \x00", "\x1b[31mx\x1b[0m\\x001\\x00 \\x00"},
		{`{{colour "red" (colour "bold" "x")}}`, "", "\x1b[31m\x1b[1mx\x1b[22m\x1b[0m"},
	}
	for _, c := range cases {
		r, err := NewTemplate(c.template, true, true)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.template, shown(t, r, textMessage(c.message)), c.want)
	}
}

// FuzzTemplateAtTerminal checks that a message cannot write an escape sequence.
func FuzzTemplateAtTerminal(f *testing.F) {
	f.Add([]byte("\x000\x00\x1b[2J"))
	f.Add([]byte(`"\u001b\u0000"`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := NewTemplate(`{{.Data}}{{with .JSON}}{{.}}{{end}}{{colour "red" .Data}}`, true, true)
		if err != nil {
			t.Fatal(err)
		}
		got := shown(t, r, textMessage(string(message)))
		got = strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "").Replace(got)
		for _, c := range got {
			if c < 0x20 && c != '\n' && c != '\t' {
				t.Fatalf("%q: U+%04X is left in %q", message, c, got)
			}
		}
	})
}

func BenchmarkTemplate(b *testing.B) {
	for _, text := range []string{`{{.Data}}\n`, `{{time "15:04:05" .Time}} {{.JSON.id}}\n`} {
		b.Run(text, func(b *testing.B) {
			r, err := NewTemplate(text, false, false)
			if err != nil {
				b.Fatal(err)
			}
			benchmarkReceive(b, r, shortJSON)
		})
	}
}
