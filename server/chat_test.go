package server

import (
	"testing"

	"github.com/coder/websocket"
)

func TestChat(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat"})
	ann := dial(t, s.URL()+"?name=ann", nil)
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	bob := dial(t, s.URL()+"?name=bob", nil)
	bob.expect("Welcome bob.")
	bob.expect("bob joined.")
	ann.expect("bob joined.")
	ann.say("hello")
	ann.expect("ann says: hello")
	bob.expect("ann says: hello")
	bob.Close(websocket.StatusNormalClosure, "")
	ann.expect("bob left.")
}

func TestChatNames(t *testing.T) {
	s := serve(t, Options{Behaviour: "chat"})
	for _, row := range []struct{ query, want string }{
		{"?name=ann", "ann"},
		{"?name=ann", "ann2"},
		{"?name=ann", "ann3"},
		{"", "guest1"},
		{"?name=", "guest2"},
		{"?name=%1b[2J%E2%80%AEeve%0a", "[2Jeve"},
		{"?name=%ff", "guest3"},
		{"?name=+a+b+", "a b"},
		{"?name=0123456789012345678901234567890123456789", "01234567890123456789012345678901"},
	} {
		dial(t, s.URL()+row.query, nil).expect("Welcome " + row.want + ".")
	}
}
