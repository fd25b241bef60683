package daemon

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"wsx/client"
	"wsx/recording"
	"wsx/repl/render"
)

// maxRequestSize bounds a line that a process sends, in bytes: a message of 64 MiB takes at most six times as much in JSON. A
// longer line is refused.
const maxRequestSize = 400 << 20

// read handles the requests of the process until it disconnects.
func (c *conn) read() {
	defer close(c.disconnected)
	lines := bufio.NewReaderSize(c.socket, 16<<10)
	for {
		line, err := readLine(lines, maxRequestSize)
		if err != nil && !errors.Is(err, errLongLine) {
			return
		}
		var r request
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err == nil {
			err = c.do(&r)
		}
		if err != nil {
			a := rejected(c.server.o.Hinter, err)
			a.Number = r.Number
			c.reply(marshal(a))
		}
	}
}

var errLongLine = errors.New("the message is too large for the session")

// readLine reads a line, which may be longer than the buffer of from. The result is valid until the next call.
func readLine(from *bufio.Reader, limit int) ([]byte, error) {
	line, err := from.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	whole, isLong := slices.Clone(line), false
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = from.ReadSlice('\n')
		if isLong = isLong || len(whole)+len(line) > limit; isLong {
			whole = nil // skip the rest of the line: another one may follow
			continue
		}
		whole = append(whole, line...)
	}
	if isLong && err == nil {
		return nil, errLongLine
	}
	return whole, err
}

// do carries out a request.
func (c *conn) do(r *request) error {
	switch r.Event.Event {
	case "read":
		return c.startReading(r)
	case "seen":
		c.confirm(r.Seq)
		return nil
	case "status":
		c.reply(c.statusLine())
		return nil
	case "retry":
		c.server.Retry()
		return nil
	}
	// The payload of a request is decoded in place, and its line is the reader's buffer.
	r.Data = recording.Literal(slices.Clone(r.Data))
	t, err := r.newTask(c)
	if err != nil {
		return err
	}
	if t.closes || r.Event.Event == "close" {
		timer := time.AfterFunc(quitTimeout, c.server.quit)
		go func() { // ends with the session
			select {
			case <-c.server.ended:
			case <-c.server.ending:
			}
			timer.Stop()
		}()
	}
	select {
	case c.server.tasks <- t:
	case <-c.server.ending:
	}
	return nil
}

// startReading handles a read request.
func (c *conn) startReading(r *request) error {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.hasRequestedRead {
		return errors.New("reading has already begun")
	}
	switch r.From {
	case FromUnread:
		if err := CheckName(r.Reader); err != nil {
			return err
		}
		if s.readers[r.Reader] == nil {
			if len(s.readers) > maxReaders {
				return errors.New("the session has too many readers")
			}
			s.readers[r.Reader] = &reader{turn: make(chan struct{}, 1), at: position{next: 1}}
		}
		c.reader = s.readers[r.Reader]
	case FromNow:
		c.isWatcher, c.isReading, c.at = true, true, s.ring.last
		s.watchers++
	case FromSeq:
		if r.Seq >= s.ring.last.next {
			return fmt.Errorf("there is no event %d: does it belong to an earlier session of this name?", r.Seq)
		}
		c.isReading, c.at = true, s.ring.after(r.Seq)
	case FromAnswer, FromNone:
	default:
		return errors.New("expected answer, unread, now, seq or none")
	}
	c.hasRequestedRead, c.from, c.follow = true, r.From, r.Follow
	c.wake()
	return nil
}

// startAt starts reading after a request, if the process reads from there. The caller holds the server's lock.
func (c *conn) startAt(at position) {
	if !c.hasRequestedRead {
		c.hasRequestedRead, c.from, c.follow = true, FromAnswer, true
	}
	if c.from == FromAnswer && !c.isReading {
		c.isReading, c.at = true, at
		c.wake()
	}
}

// confirm records that a reader has received all events up to seq.
func (c *conn) confirm(seq uint64) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.hasTurn && seq < c.server.ring.last.next && seq+1 > c.reader.at.next {
		c.reader.at = c.server.ring.after(seq)
	}
}

// reply queues a line ahead of all events that are not written yet.
func (c *conn) reply(line []byte) {
	c.mu.Lock()
	c.replies = append(c.replies, line...)
	c.mu.Unlock()
	c.wake()
}

func (c *conn) popReplies() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.replies
	c.replies = nil
	return lines
}

// wake wakes up the writing goroutine.
func (c *conn) wake() {
	select {
	case c.wakeup <- struct{}{}:
	default:
	}
}

// statusLine returns the status of the session as a line.
func (c *conn) statusLine() []byte {
	s := c.server
	stats := s.Stats()
	s.mu.Lock()
	defer s.mu.Unlock()
	return marshal(statusLine{Version: Version, Event: "status", Status: s.status(stats), Open: bytes.TrimSpace(s.open)})
}

// write writes replies and events until the process disconnects or has received everything.
func (c *conn) write() {
	defer c.end()
	c.reply(c.statusLine())
	out := bufio.NewWriterSize(c.socket, 64<<10)
	for {
		out.Write(c.popReplies())
		if !c.awaitTurn(out) {
			return
		}
		more, over := c.writeBatch(out)
		if over {
			out.Write(c.popReplies())
			out.Flush()
			c.awaitRelease()
			c.awaitDisconnect()
			return
		}
		if more {
			continue
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-c.wakeup:
		case <-c.disconnected:
			return
		case <-c.server.ending:
			for more := true; more; {
				more, _ = c.writeBatch(out)
			}
			out.Flush()
			c.awaitRelease()
			return
		}
	}
}

// awaitRelease waits until the name is free if the server ends, so that a process that has closed the session can rely on that.
func (c *conn) awaitRelease() {
	s := c.server
	s.mu.Lock()
	closing := s.closing
	s.mu.Unlock()
	if !closing {
		return
	}
	select {
	case <-s.released:
	case <-c.disconnected:
	}
}

// awaitDisconnect signals the process that nothing more follows, and waits until it has confirmed what it received and has closed
// the connection.
func (c *conn) awaitDisconnect() {
	c.socket.(*net.UnixConn).CloseWrite()
	if !c.server.isEnding() {
		c.socket.SetReadDeadline(time.Now().Add(answerTimeout))
		<-c.disconnected
	}
}

// end releases the resources of the connection. Closing the socket ends the reading goroutine.
func (c *conn) end() {
	c.socket.Close()
	<-c.disconnected
	if c.hasTurn {
		<-c.reader.turn
	}
	c.server.removeConn(c)
}

// awaitTurn waits until no other process reads as the same reader. It reports whether that succeeded: not if the process disconnects meanwhile.
func (c *conn) awaitTurn(out *bufio.Writer) bool {
	s := c.server
	s.mu.Lock()
	reader := c.reader
	if c.hasTurn {
		reader = nil
	}
	s.mu.Unlock()
	if reader == nil {
		return true
	}
	out.Flush()
	select {
	case reader.turn <- struct{}{}:
	case <-c.disconnected:
		return false
	case <-s.ending:
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.hasTurn, c.isReading, c.at = true, true, reader.at
	return true
}

// writeBatch writes replies, then events. It fetches the events first: the reply to the request that caused one of them is then already
// queued, and precedes it.
func (c *conn) writeBatch(out *bufio.Writer) (more, over bool) {
	lines, gap, more, over := c.next()
	out.Write(c.popReplies())
	if gap > 0 {
		out.Write(gapLine(gap))
	}
	for _, line := range lines {
		out.Write(line)
	}
	return more, over
}

// batch is the number of events that are written before replies are checked again.
const batch = 256

// next returns the lines to write, and how many messages are missing before them. more reports whether there may be further lines,
// over whether these were the last.
func (c *conn) next() (lines [][]byte, gap int64, more, over bool) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.isReading {
		if s.isEnding() && s.endLines != nil { // the process may not have sent its read request yet
			return [][]byte{s.endLines}, 0, false, true
		}
		return nil, 0, false, s.isEnding()
	}
	list, next, gap := s.ring.read(c.at, batch)
	c.at = next
	for _, e := range list {
		if !e.control || c.isWatcher {
			lines = append(lines, e.line)
		}
	}
	switch {
	case len(list) > 0:
		return lines, gap, true, false
	case s.state == StateClosed:
		return append(lines, s.endLines), gap, false, true
	case !c.follow:
		c.isReading = false // no further events are for it
		return append(lines, marshal(answer{Event: "current"})), gap, false, false
	}
	return lines, gap, false, s.isEnding()
}

// isEnding reports whether the server is ending.
func (s *Server) isEnding() bool {
	select {
	case <-s.ending:
		return true
	default:
		return false
	}
}

// gapLine returns the line of a gap event: count messages are missing.
func gapLine(count int64) []byte {
	var line bytes.Buffer
	events := render.JSON{}
	events.Render(&line, client.Event{Kind: client.KindGap, Time: time.Now(), Detail: &client.Gap{Count: count}})
	return line.Bytes()
}
