package dialect

import (
	"testing"
	"time"

	"wsx/jq"
)

func mustBuiltin(t testing.TB, name string) *Dialect {
	t.Helper()
	content, _ := Source(name)
	d, err := Parse(name+".dialect", content)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

func TestBuiltinsCompile(t *testing.T) {
	for _, name := range Names() {
		d := mustBuiltin(t, name)
		if d.Name != name || d.Description == "" {
			t.Errorf("%s: name %q, description %q", name, d.Name, d.Description)
		}
		for _, v := range d.Verbs {
			if v.Description == "" {
				t.Errorf("%s: verb %s has no description", name, v.Name)
			}
		}
	}
}

func BenchmarkReceive(b *testing.B) {
	for _, bench := range []struct{ name, message string }{
		{"graphql-ws", `{"id":"1","type":"next","payload":{"data":{"tick":12345}}}`},
		{"socketio", `42["news",{"n":12345,"text":"hello"}]`},
		{"jsonrpc", `{"jsonrpc":"2.0","method":"news","params":[12345,"hello"]}`},
		{"centrifuge", `{"push":{"channel":"news","pub":{"data":{"n":12345}}}}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := mustBuiltin(b, bench.name).Start(nil)
			if err != nil {
				b.Fatal(err)
			}
			now := time.Now()
			s.Open(now, "", "")
			b.ReportAllocs()
			for b.Loop() {
				out, err := s.Receive(now, false, []byte(bench.message))
				if err != nil || len(out.Events) != 1 || out.Events[0].Hidden() {
					b.Fatal(out, err)
				}
				out.Events[0].Text()
			}
		})
	}
}

func mustJSON(t testing.TB, text string) any {
	t.Helper()
	value, err := jq.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
