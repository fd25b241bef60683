package repl

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client"
	"wsx/client/dial"
)

// statuses has the statuses that were shown.
type statuses struct {
	mu  sync.Mutex
	all []string
}

func (s *statuses) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, text)
}

// take returns what was shown since it was last called.
func (s *statuses) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.Join(s.all, "")
	s.all = nil
	return text
}

// TestStatusDuringPasswordPrompt: no status is shown while a prompt for a password is on the same screen, before the first
// connection or, for a proxy, before a later one.
func TestStatusDuringPasswordPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown statuses
		noAnswer := errors.New("no answer")
		ask := func(context.Context, string) (string, error) {
			shown.take()
			time.Sleep(time.Minute)
			if all := shown.take(); all != "" {
				t.Errorf("shown during a question: %.60q", all)
			}
			return "", noAnswer
		}
		r := New(Config{
			URL: "ws://localhost", Options: client.Options{Options: dial.Options{User: "me", AskPassword: ask}},
			Status: shown.show, Output: noOutput(t),
		})
		if _, err := r.dial(t.Context()); !errors.Is(err, noAnswer) {
			t.Fatal(err)
		}

		stop := r.tick(0, func(time.Duration) string { return "reconnecting" })
		time.Sleep(time.Second + 50*time.Millisecond) // between two ticks
		r.Options.AskPassword(t.Context(), "")
		time.Sleep(time.Second)
		stop()
		if all := shown.take(); all == "" {
			t.Error("nothing ticks after the answer")
		}
	})
}

// TestStatusAfterPasswordPrompt: the time that it takes to type a password is not shown as a delay of the server.
func TestStatusAfterPasswordPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown statuses
		r := New(Config{
			Options: client.Options{Options: dial.Options{AskPassword: func(context.Context, string) (string, error) { time.Sleep(time.Hour); return "", nil }}},
			Status:  shown.show, Output: noOutput(t),
		})
		stop := r.tickConnecting()
		r.Options.AskPassword(t.Context(), "")
		time.Sleep(time.Second)
		stop()
		if all := shown.take(); strings.Contains(all, "3600") || !strings.Contains(all, "... 0.9 s") {
			t.Errorf("%.200q", all)
		}
	})
}

// TestCountdown: the time to the next attempt to connect is shown, and Enter tries at once.
func TestCountdown(t *testing.T) {
	var shown statuses
	s := scripted{Actions: connActions()}
	s.Options.Reconnect = true
	s.Config.Status = func(text string) { shown.show(text + "|") }
	s.run(t, `
		do lose
		  note: * reconnecting in 1s (attempt 1): gone
		wait 250ms
		>
		  retry now
		do reconnect
		  note: * connected to ws://h/ (HTTP/1.1)
		wait 1s
	`)
	if got, want := shown.take(), "1s 900ms 800ms "; strings.NewReplacer("reconnecting in ", "", "(attempt 1); Enter retries now|", "").Replace(got) != want+"|" {
		t.Errorf("%s", got)
	}
}
