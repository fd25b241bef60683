package repl

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client"
)

// TestNothingTicksWhileSomebodyIsAsked because the prompt for a password is on the same screen, and who types one may take
// time that is not the network's.
func TestNothingTicksWhileSomebodyIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown []string
		noAnswer := errors.New("no answer")
		ask := func(string) (string, error) {
			time.Sleep(time.Minute)
			return "", noAnswer
		}
		c := New(Config{
			URL: "ws://localhost", Options: client.Options{User: "me", AskPassword: ask},
			Status: func(text string) { shown = append(shown, text) },
		})
		if _, err := c.dial(t.Context()); !errors.Is(err, noAnswer) {
			t.Fatal(err)
		}
		if all := strings.Join(shown, ""); all != "" {
			t.Errorf("shown while somebody was asked: %.60q", all)
		}
	})
}
