package render

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
)

func TestOnly(t *testing.T) {
	events := []client.Event{
		{Kind: client.KindOpen, Detail: &dial.Handshake{}},
		textMessage("ti"), sent(textMessage("to")), binaryMessage("bi"), sent(binaryMessage("bo")),
		{Kind: client.KindPing, Payload: []byte("pi")}, {Kind: client.KindClose, Dir: client.Out, Code: 1000, Payload: []byte("co")},
		{Kind: client.KindFrame, Detail: &wire.Trace{Opcode: wire.Text, Length: 77}},
		{Kind: client.KindFrame, Detail: &wire.Trace{Opcode: wire.Continuation, Length: 88, Out: true}},
		{Kind: client.KindFrame, Detail: &wire.Trace{Opcode: wire.Pong, Length: 99, Out: true}},
	}
	marks := []string{`"open"`, `"ti"`, `"to"`, `"Ymk="`, `"Ym8="`, `"pi"`, `"co"`, `:77`, `:88`, `:99`}
	cases := []struct{ words, want string }{
		{"", `"open" "ti" "to" "Ymk=" "Ym8=" "pi" "co" :77 :88 :99`},
		{"in", `"open" "ti" "Ymk=" "pi" :77`},
		{"out", `"open" "to" "Ym8=" "co" :88 :99`},
		{"text", `"open" "ti" "to" :77 :88`},
		{"binary", `"open" "Ymk=" "Ym8=" :88`},
		{"control", `"open" "pi" "co" :99`},
		{"out text control", `"open" "to" "co" :88 :99`},
		{"in out", `"open" "ti" "to" "Ymk=" "Ym8=" "pi" "co" :77 :88 :99`},
	}
	for _, c := range cases {
		only, err := NewOnly(strings.Fields(c.words))
		if err != nil {
			t.Fatal(err)
		}
		passing := slices.DeleteFunc(slices.Clone(events), func(e client.Event) bool { return !only.Passes(&e) })
		text := shown(t, &JSON{}, passing...)
		var got []string
		for _, mark := range marks {
			if strings.Contains(text, mark) {
				got = append(got, mark)
			}
		}
		same(t, "only "+c.words, strings.Join(got, " "), c.want)
	}
	if _, err := NewOnly([]string{"sideways"}); err == nil || !strings.Contains(Hinter(nil).Hint(err), "control") {
		t.Errorf("sideways: %v, hint %q", err, Hinter(nil).Hint(err))
	}
}

func TestGrep(t *testing.T) {
	events := append(fragments(textMessage("one apple"), 3), fragments(textMessage("two pears"), 2)...)
	events = append(events, textMessage("an apple and a pear"))
	cases := []struct{ match, except, want string }{
		{"", "", "one apple\ntwo pears\nan apple and a pear\n"},
		{"app", "", "one apple\nan apple and a pear\n"},
		{"", "app", "two pears\n"},
		{"^[a-z]+ a", "pear", "one apple\n"},
		{"kiwi", "", ""},
	}
	for _, c := range cases {
		grep, err := NewGrep(&Raw{}, c.match, c.except, 0)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "grep "+c.match+" but "+c.except, shown(t, grep, events...), c.want)
	}
	grep, _ := NewGrep(&JSON{}, "nothing", "", 0)
	if got := shown(t, grep, client.Event{Kind: client.KindPing}); !strings.Contains(got, "ping") {
		t.Errorf("a ping became %q", got)
	}
}

func TestInvalidPattern(t *testing.T) {
	_, err := NewGrep(&Raw{}, "a(b", "", 0)
	var invalid *FormatError
	if want := `regular expression "a(b": missing closing ): "a(b"`; !errors.As(err, &invalid) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func BenchmarkGrep(b *testing.B) {
	grep, err := NewGrep(&Raw{}, `"side":"(buy|sell)"`, "nothing", 0)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkReceive(b, grep, shortJSON)
}
