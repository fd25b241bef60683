package repl

import (
	"io"
	"testing"
	"time"

	"wsx/client"
	"wsx/dialect"
	"wsx/repl/render"
)

// BenchmarkDialect shows messages through jq, alone and with a dialect before it. A dialect may cost 3 µs a message.
func BenchmarkDialect(b *testing.B) {
	for _, bench := range []struct{ name, message, alone string }{
		{"graphql-ws", `{"id":"1","type":"next","payload":{"data":{"tick":12345}}}`, ".payload.data"},
		{"socketio", `42["news",{"n":12345,"text":"hello"}]`, ".data"},
		{"jsonrpc", `{"jsonrpc":"2.0","method":"news","params":[12345,"hello"]}`, ".params"},
		{"centrifuge", `{"push":{"channel":"news","pub":{"data":{"n":12345}}}}`, ".push.pub.data"},
		{"cdp", `{"method":"Page.loaded","params":{"timestamp":12345}}`, ".params"},
	} {
		query := func(b *testing.B, expression string) *render.JQ {
			q, err := render.NewQuery(expression)
			if err != nil {
				b.Fatal(err)
			}
			return &render.JQ{Query: q}
		}
		event := client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte(bench.message)}
		b.Run(bench.name+"/jq", func(b *testing.B) {
			jq := query(b, bench.alone)
			for b.Loop() {
				jq.Render(io.Discard, event)
			}
		})
		b.Run(bench.name+"/as", func(b *testing.B) {
			content, _ := dialect.Source(bench.name)
			d, err := dialect.Parse(bench.name, content)
			if err != nil {
				b.Fatal(err)
			}
			s, err := d.Start(nil)
			if err != nil {
				b.Fatal(err)
			}
			now := time.Now()
			s.Open(now, "", "")
			shown := &render.Translate{To: query(b, ".")}
			for b.Loop() {
				out, err := s.Receive(now, false, event.Payload)
				if err != nil || len(out.Events) != 1 || out.Events[0].Hidden() {
					b.Fatal(out, err)
				}
				e := event
				e.Detail = render.As{Event: &out.Events[0]}
				shown.Render(io.Discard, e)
			}
		})
	}
}
