package server

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	ahead     = 256 << 10 // how much a guest may say before hearing it, bytes: who does not read is not read from
	breath    = 64 << 10  // how much is said to a guest at a time; each must be taken within the stall time
	lookAfter = 1 << 20   // how often the room looks who is too far behind, bytes said
	inKernel  = 64 << 10  // how much waits for a guest in the kernel, bytes, about; with more a stall is seen late
)

var (
	tooSlow = farewell{websocket.StatusPolicyViolation, "too far behind what is said"}
	stalled = farewell{websocket.StatusPolicyViolation, "nothing was read for too long"}
)

// guest is one client in the room.
type guest struct {
	*session
	room   *room
	name   string
	heard  *entry        // the talking goroutine's place in the backlog
	place  atomic.Int64  // its end, for everyone to see
	caught chan struct{} // sent to when place has moved
	mute   chan struct{} // closed when nothing can be said to the guest any more
}

func startChat(o Options) func(*session) error {
	r := newRoom(o.behind)
	return func(c *session) error { return r.join(c).stay(o.stall) }
}

// stay greets the guest, and passes on what is said both ways until the guest is gone.
func (g *guest) stay(stall time.Duration) error {
	defer g.room.leave(g)
	g.cork.limitKernel(inKernel)
	g.cork.watchFor(stall, func() { g.room.evict(g, stalled) })
	if err := g.say(websocket.MessageText, []byte("Welcome "+g.name+".")); err != nil {
		return err
	}
	return g.converse(g.talk, g.listen)
}

// listen tells everyone what the guest says.
func (g *guest) listen() error {
	for {
		_, p, _, err := g.next(nil, math.MaxInt)
		if err != nil {
			return err
		}
		g.room.say(g, g.name+" says: "+string(p))
		g.wait()
	}
}

// wait returns when the guest has heard enough to say more, or will hear nothing any more.
func (g *guest) wait() {
	if g.room.end()-g.place.Load() <= ahead {
		return
	}
	g.cork.release()
	defer g.cork.hold()
	for g.room.end()-g.place.Load() > ahead {
		select {
		case <-g.caught:
		case <-g.mute:
			return
		}
	}
}

// talk tells the guest what is said in the room, until stop is closed or the connection is.
func (g *guest) talk(stop <-chan struct{}) {
	defer close(g.mute)
	for {
		select {
		case <-g.heard.ready:
		case <-stop:
			return
		}
		if g.catchUp() != nil {
			return
		}
	}
}

// catchUp says what the guest has not heard yet, a breath at most.
func (g *guest) catchUp() error {
	g.cork.hold()
	defer g.progress()
	defer g.cork.release()
	from := g.heard.end
	for next := g.heard.after(); next != nil; next = next.after() {
		if err := g.say(websocket.MessageText, next.text); err != nil {
			return err
		}
		g.heard = next
		if next.end-from >= breath {
			break
		}
	}
	return nil
}

// progress shows how far the guest has heard.
func (g *guest) progress() {
	g.place.Store(g.heard.end)
	select {
	case g.caught <- struct{}{}:
	default: // wait has not taken the last one yet
	}
}
