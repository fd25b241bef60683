package render

import (
	"bytes"
	"testing"
	"time"

	"wsx/client"
)

// noon is the time of the events in these tests.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 1, time.UTC)

func textMessage(payload string) client.Event {
	return client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Time: noon, Payload: []byte(payload)}
}

func binaryMessage(payload string) client.Event {
	e := textMessage(payload)
	e.Type = client.Binary
	return e
}

func sent(e client.Event) client.Event {
	e.Dir = client.Out
	return e
}

// fragments cuts a message into fragments of a size.
func fragments(e client.Event, size int) []client.Event {
	var all []client.Event
	for rest := e.Payload; ; rest = rest[size:] {
		fragment := e
		fragment.First = len(all) == 0
		fragment.Last = len(rest) <= size
		fragment.Payload = rest[:min(size, len(rest))]
		all = append(all, fragment)
		if fragment.Last {
			return all
		}
	}
}

// shown renders events one after another. It overwrites each payload after its call, as a session does.
func shown(t *testing.T, r Renderer, events ...client.Event) string {
	t.Helper()
	var out bytes.Buffer
	for _, e := range events {
		e.Payload = bytes.Clone(e.Payload)
		if err := r.Render(&out, e); err != nil {
			t.Fatalf("render %+v: %v", e, err)
		}
		for i := range e.Payload {
			e.Payload[i] = '!'
		}
	}
	return out.String()
}

// same fails the test when the output is not the wanted one.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: shown\n%q\nwant\n%q", what, got, want)
	}
}
