package server

import (
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	s := serve(t, Options{Behaviour: "clock", Every: time.Millisecond, Now: func() time.Time { return now }})
	c := dial(t, s.URL(), nil)
	c.send("ignored")
	for range 3 {
		c.expect("2026-11-20T12:00:00Z")
	}
	slow := serve(t, Options{Behaviour: "clock", Every: time.Hour, Now: func() time.Time { return now }})
	c = dial(t, slow.URL(), nil)
	c.expect("2026-11-20T12:00:00Z")
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("close: %v", err)
	}
}
