package script

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client"
)

func receive(b *Inbox, text string) {
	b.Handle(&client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte(text)})
}

func TestInboxIsBounded(t *testing.T) {
	const most = 10_000
	b := NewInbox(0, most)
	for i := range 10_000 {
		receive(b, fmt.Sprintf("message %d", i))
		if b.size > most {
			t.Fatalf("holds %d bytes after %d messages", b.size, i)
		}
	}
	if err := b.Expect(t.Context(), "^message 9999$"); err != nil {
		t.Errorf("the last message is gone: %v", err)
	}
	if len(b.received) != 0 || b.size != 0 {
		t.Errorf("%d arrivals of %d bytes are left", len(b.received), b.size)
	}

	receive(b, strings.Repeat("a", 2*most)+"end")
	if err := b.Expect(t.Context(), "^a+$"); err != nil {
		t.Errorf("a message that is too long is not kept as far as there is room: %v", err)
	}
}

func TestDroppedMessagesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewInbox(time.Second, 3*(entryOverhead+1))
		for i := range 9 {
			receive(b, fmt.Sprint(i))
		}
		var failure *Failure
		if err := b.Expect(t.Context(), "never"); !errors.As(err, &failure) {
			t.Fatal(err)
		}
		if shown := strings.Join(failure.Got, "|"); shown != "... (6 before)|6|7|8" {
			t.Error(shown)
		}
	})
}

func TestExpectWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewInbox(2*time.Second, 0)
		receive(b, "old")
		b.Clear()
		go func() {
			time.Sleep(1999 * time.Millisecond)
			receive(b, "no")
			receive(b, "yes")
			receive(b, "left over")
		}()
		if err := b.Expect(t.Context(), "yes"); err != nil {
			t.Error(err)
		}
		if last, others := b.unconsumed(5); len(last) != 1 || others != 0 || string(last[0].Data) != "left over" {
			t.Errorf("%v and %d are left", last, others)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Expect(ctx, "yes"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, although the context has ended", err)
		}
		err := b.Expect(t.Context(), "old")
		if err == nil || err.Error() != "/expect old: no matching message was received within 2s" {
			t.Error(err)
		}
	})
}

// TestExpectTimeoutInFlood receives messages faster than they are compared.
func TestExpectTimeoutInFlood(t *testing.T) {
	b := NewInbox(0, 1<<20)
	flooding, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-flooding:
				return
			default:
				receive(b, "flood")
			}
		}
	}()
	if err := b.await(t.Context(), 10*time.Millisecond, func(Received) bool { return false }); !errors.Is(err, errNoMatch) {
		t.Error(err)
	}
	close(flooding)
	<-ended
}
