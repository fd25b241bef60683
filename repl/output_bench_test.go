package repl

import (
	"io"
	"testing"
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// BenchmarkShow shows a short message, as the receiver does for each one it receives.
func BenchmarkShow(b *testing.B) {
	e := client.Event{
		Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Time: time.Now(),
		Payload: []byte(`{"symbol":"BTC-USD","price":"64312.55","size":"0.0123","side":"buy","sequence":123456789}`),
	}
	for _, format := range []string{"raw", "json", "pretty"} {
		b.Run(format, func(b *testing.B) {
			d, err := NewOutput(b.Context(), io.Discard, new(discarded), View{Format: format}, &render.Notes{})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := d.Show(&e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// discarded is a writer that is not io.Discard, so that notes have a stream of their own.
type discarded struct{}

func (*discarded) Write(p []byte) (int, error) { return len(p), nil }
