package server

// A backlog is what was said in a room, kept once for all who listen: each listener has its own place in it,
// and what all have heard is collected as garbage. Speaking costs the same for two listeners and for thousands.

// entry is one thing said. Whoever holds an entry can reach all that is said after it.
type entry struct {
	text  []byte
	end   int64         // cost of all that was said up to here, this included
	ready chan struct{} // closed when next is set
	next  *entry
}

// entryCost is what an entry takes in memory beside its text, bytes, about.
const entryCost = 256

func newBacklog() *entry { return &entry{ready: make(chan struct{})} }

// say appends to the last entry and returns the new last. One goroutine may do so at a time.
func (e *entry) say(text string) *entry {
	e.next = &entry{text: []byte(text), end: e.end + int64(len(text)) + entryCost, ready: make(chan struct{})}
	close(e.ready)
	return e.next
}

// after is the next entry, nil when there is none yet.
func (e *entry) after() *entry {
	select {
	case <-e.ready:
		return e.next
	default:
		return nil
	}
}
