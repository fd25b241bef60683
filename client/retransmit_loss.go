package client

import "slices"

// connLost stops using a closed connection, and returns what is unconfirmed because of its loss.
func (q *retransmitQueue) connLost(c *conn) unconfirmed {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.turn {
		q.change.Wait()
	}
	q.release()
	q.loseInitial(c.Written())
	tracked := q.requeue(c.Written())
	q.sent, q.begun, q.writtenWhole, q.confirmed, q.lastUnprotected, q.sinceProbe, q.sinceProbeBytes = 0, 0, 0, 0, 0, 0, 0
	q.abandoned = q.abandoned || q.fragmentConn != nil && !q.fragmentReply
	q.conn, q.fragmentConn, q.unprotected = nil, nil, nil
	q.probeWanted, q.unflushed, q.noPongs, q.broken = false, false, false, false
	q.change.Broadcast()
	return tracked
}

// requeue keeps in the queue what will be sent on the next connection, and returns what is unconfirmed. written is the number of
// messages that were written whole to this one.
func (q *retransmitQueue) requeue(written uint64) unconfirmed {
	tracked, rest := q.unprotected, q.queue[:0]
	for i, f := range q.queue {
		sent := i < q.sent
		whole := sent && f.ordinal <= written
		switch {
		case f.isMessage() && (sent && f.fragmented || whole && !q.resend):
			tracked.add(f.number)
		case !whole || f.isMessage():
			f.maybeArrived = f.maybeArrived || whole
			rest = append(rest, f)
			continue
		}
		q.size -= len(f.data)
	}
	clear(q.queue[len(rest):])
	q.queue = rest
	return tracked
}

// loseInitial records which initial messages have arrived, or may have arrived. written is the number of messages that were written
// whole to the connection.
func (q *retransmitQueue) loseInitial(written uint64) {
	for i := range q.initial {
		f := &q.initial[i]
		if f.ordinal > 0 && f.ordinal <= written {
			f.maybeArrived = true
			f.arrived = f.arrived || f.ordinal <= q.confirmed
		}
		f.ordinal = 0
	}
}

// replay writes the initial messages and then the queue to a new connection. After that senders can get the turn.
func (q *retransmitQueue) replay(c *conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.conn = c
	for i := range q.initial {
		if q.conn != nil {
			q.sendInitial(&q.initial[i], true)
		}
	}
	for q.conn != nil && q.sent < len(q.queue) {
		q.sendNext()
	}
	if q.conn != nil {
		q.flushAndProbe(c)
	}
}

// unsentAtEnd returns the messages that were to be sent again and now cannot be: they remain unconfirmed, except initial messages
// that have arrived on an earlier connection. With all it also returns those that were never written.
func (q *retransmitQueue) unsentAtEnd(all bool) unconfirmed {
	q.mu.Lock()
	defer q.mu.Unlock()
	var unsent unconfirmed
	for _, f := range slices.Concat(q.initial, q.queue) {
		if f.maybeArrived && !f.arrived || all && !f.arrived && f.isMessage() {
			unsent.add(f.number)
		}
	}
	return unsent
}
