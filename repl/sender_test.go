package repl

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"wsx/client"
	"wsx/repl/input"
	"wsx/repl/render"
	"wsx/repl/script"
)

// TestExpectAfterTypedLine: an /expect compares what was received since the last line that was typed, and all that
// was received where lines are piped: there the answers may arrive before the next line is read.
func TestExpectAfterTypedLine(t *testing.T) {
	for _, typed := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			inbox := script.NewInbox(0, 0)
			r := New(Config{Interactive: typed, Inbox: inbox, Output: noOutput(t)})
			inbox.Handle(&client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte("old")})
			r.sender.startExchange(&input.Line{Data: []byte("/expect old")})
			r.sender.startExchange(&input.Line{Data: []byte("another")})
			if err := inbox.Expect(t.Context(), "old"); (err == nil) == typed {
				t.Errorf("typed = %v: %v", typed, err)
			}
		})
	}
}

// noOutput discards all output.
func noOutput(t *testing.T) *Output {
	output, err := NewOutput(context.Background(), io.Discard, io.Discard, View{Format: "raw"}, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	return output
}
